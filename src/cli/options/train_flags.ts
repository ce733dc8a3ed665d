import { InvalidArgumentError } from 'commander';
import { OPTIMIZERS } from '../../core/training/shape.js';
import { QUANTIZED_FORMATS } from '../../dtypes/quantized_formats.js';
import type { DeduplicateOptions } from '../../train/duplicates/options.js';
import { DECAYS } from '../../train/schedule.js';
import type { TrainerOptions } from '../../train/trainer_options.js';
import type { Flag } from './flag.js';
import { BUILD_FLAG, THREADS_FLAG } from './model_flags.js';

const LENGTH = 'Length and batches:';
const OPTIMIZER = 'Optimizer:';
const DATA = 'Data:';
const VALIDATION = 'Validation and saving:';
const COMPUTING = 'Computing:';

/** Options of `Trainer.create` with their flags, in the order of the help. */
export const TRAIN_FLAGS = {
  epochs: { group: LENGTH, value: 'number', help: 'passes over all data', range: 'above 0', standard: 1 },
  steps: { group: LENGTH, value: 'count', help: 'optimizer steps, instead of --epochs', range: '1 or more' },
  batchSize: {
    group: LENGTH,
    value: 'count',
    help: 'rows of a forward and backward pass',
    range: '1 or more',
    standard: 4,
  },
  accumulation: {
    group: LENGTH,
    value: 'count',
    help: 'passes whose gradients are summed for one step',
    range: '1 to 4096',
    standard: 1,
  },
  contextLength: {
    group: LENGTH,
    value: 'count',
    help: 'tokens of a row',
    range: "1 to the model's context",
    standard: "256, or the model's context if that is shorter",
  },
  layout: {
    group: LENGTH,
    value: 'name',
    choices: ['packed', 'documents'],
    help: 'packed: fill each row with documents; documents: start each document on a new row',
    standard: 'packed',
  },
  documentBorders: {
    group: LENGTH,
    help: 'in packed rows, let no document attend to those before it',
  },
  curriculum: {
    group: DATA,
    value: 'name',
    choices: ['length'],
    help: 'length: the first epoch has its documents from short to long',
    standard: 'random order',
  },
  deduplicate: {
    group: DATA,
    value: 'share',
    isValueOptional: true,
    parse: parseThreshold,
    help: 'leave out near-duplicates of earlier documents: those of which SHARE of all sequences of 5 tokens are in both',
    range: '0.5 to 1',
    standard: 'off; 0.8 without SHARE',
  },
  seed: {
    group: LENGTH,
    value: 'integer',
    help: 'seed of the data order, the held-out documents, dropout and initial weights',
    range: '0 to 2^32 - 1',
    standard: 0,
  },
  optimizer: {
    group: OPTIMIZER,
    value: 'name',
    choices: OPTIMIZERS,
    help: 'adamw: AdamW; muon: Muon for the matrices of the layers, AdamW for other weights; fewer steps, each slower',
    standard: 'adamw',
  },
  learningRate: {
    group: OPTIMIZER,
    value: 'number',
    help: 'highest learning rate',
    range: 'above 0',
    standard: '1e-4 for a model, 1e-3 for an adapter, 6e-4 from scratch',
  },
  schedule: {
    group: OPTIMIZER,
    value: 'name',
    choices: DECAYS,
    help: 'decay of the learning rate after the warm-up: cosine, linear or constant',
    standard: 'cosine',
  },
  warmup: {
    group: OPTIMIZER,
    value: 'count',
    help: 'steps in which the learning rate rises',
    range: '0 or more',
    standard: 'a twentieth of all steps',
  },
  finalLearningRate: {
    group: OPTIMIZER,
    value: 'number',
    help: 'learning rate of the last step',
    range: '0 or more',
    standard: 'a tenth of the highest',
  },
  weightDecay: {
    group: OPTIMIZER,
    value: 'number',
    help: 'decoupled decay of matrices and embeddings',
    range: '0 or more',
    standard: 0.1,
  },
  beta1: {
    group: OPTIMIZER,
    value: 'number',
    help: "AdamW's decay of the first moment",
    range: '0 to below 1',
    standard: 0.9,
  },
  beta2: {
    group: OPTIMIZER,
    value: 'number',
    help: "AdamW's decay of the second moment",
    range: '0 to below 1',
    standard: 0.95,
  },
  epsilon: {
    group: OPTIMIZER,
    value: 'number',
    help: "AdamW's epsilon",
    range: 'above 0',
    standard: '1e-8',
  },
  maxGradientNorm: {
    group: OPTIMIZER,
    value: 'number',
    help: 'norm to which gradients are clipped',
    range: 'above 0',
    standard: 1,
  },
  dropout: {
    group: OPTIMIZER,
    value: 'share',
    help: 'share of activations to drop',
    range: '0 to below 1',
    standard: 0,
  },
  validation: {
    group: VALIDATION,
    value: 'share',
    help: 'share of documents to hold out',
    range: '0 to below 1',
    standard: 0.05,
  },
  evaluateEvery: {
    group: VALIDATION,
    value: 'count',
    help: 'steps between two validations',
    range: '1 or more',
    standard: 'a tenth of all steps',
  },
  patience: {
    group: VALIDATION,
    value: 'count',
    help: 'end after COUNT validations without a lower loss, and keep the best weights',
    range: '1 or more',
    standard: 'off',
  },
  checkpointEvery: {
    group: VALIDATION,
    value: 'count',
    help: 'steps after which the training state is saved again',
    range: '1 or more',
    standard: 100,
  },
  recompute: {
    group: COMPUTING,
    help: 'compute activations twice: less memory, about a quarter more time',
  },
  quantize: {
    group: COMPUTING,
    value: 'format',
    choices: QUANTIZED_FORMATS,
    help: 'train for this format: a model loses nothing in it; with --lora, the frozen weights take less memory',
    standard: 'f32',
  },
  quantizeFrom: {
    group: COMPUTING,
    value: 'step',
    help: 'with --quantize: steps that are done in f32 before',
    range: '0 or more',
    standard: 0,
  },
  build: { group: COMPUTING, ...BUILD_FLAG },
  threads: { group: COMPUTING, ...THREADS_FLAG },
} satisfies Partial<Record<keyof TrainerOptions, Flag>>;

function parseThreshold(text: string): DeduplicateOptions {
  const threshold = Number(text);
  if (text.trim() !== '' && Number.isFinite(threshold)) return { threshold };
  throw new InvalidArgumentError('It must be a number from 0.5 to 1; put data before --deduplicate.');
}

const NAMES = Object.keys(TRAIN_FLAGS) as (keyof typeof TRAIN_FLAGS)[];

/** The options given on the command line, without defaults, which the library has. */
export function trainerOptions(values: Readonly<Record<string, unknown>>): Partial<TrainerOptions> {
  return Object.fromEntries(NAMES.filter((name) => name in values).map((name) => [name, values[name]]));
}
