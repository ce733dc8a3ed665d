import { type Command, Option } from 'commander';
import { DECAYS } from '../../train/schedule.js';
import type { TrainerOptions } from '../../train/trainer_options.js';
import { flagOf } from './flag_name.js';
import { parseNumber, parseThreads } from './parse.js';

interface Flag {
  readonly group: string;
  /** A flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** A value is a number unless `parse` or `choices` says otherwise. */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
}

const LENGTH = 'Length and batches:';
const OPTIMIZER = 'Optimizer:';
const VALIDATION = 'Validation and checkpoints:';
const COMPUTING = 'Computing:';

/** Options of `Trainer.create` with the flags that set them, in the order of the help. */
const FLAGS = {
  epochs: { group: LENGTH, value: 'number', help: 'how often all data is gone through (default: 1)' },
  steps: { group: LENGTH, value: 'count', help: 'steps of the optimizer, in place of epochs' },
  batchSize: { group: LENGTH, value: 'count', help: 'rows in one pass (default: 4)' },
  accumulation: { group: LENGTH, value: 'count', help: 'passes whose gradients make a step (default: 1)' },
  contextLength: {
    group: LENGTH,
    value: 'count',
    help: "tokens in a row (default: 256, or the model's context where that is shorter)",
  },
  layout: {
    group: LENGTH,
    value: 'name',
    choices: ['packed', 'documents'],
    help: 'packed: rows are filled with documents; documents: each begins a row (default: packed)',
  },
  seed: {
    group: LENGTH,
    value: 'count',
    help: 'decides order, split, dropout and first weights (default: 0)',
  },
  learningRate: {
    group: OPTIMIZER,
    value: 'number',
    help: 'highest learning rate (default: 1e-4 for a model, 1e-3 for an adapter, 6e-4 from scratch)',
  },
  schedule: {
    group: OPTIMIZER,
    value: 'name',
    choices: DECAYS,
    help: 'how the learning rate falls after the warm-up (default: cosine)',
  },
  warmup: { group: OPTIMIZER, value: 'count', help: 'steps in which it rises (default: a twentieth of all)' },
  finalLearningRate: { group: OPTIMIZER, value: 'number', help: 'of the last step (default: a tenth)' },
  weightDecay: { group: OPTIMIZER, value: 'number', help: 'decoupled decay of matrices (default: 0.1)' },
  beta1: { group: OPTIMIZER, value: 'number', help: 'decay of the first moment (default: 0.9)' },
  beta2: { group: OPTIMIZER, value: 'number', help: 'decay of the second moment (default: 0.95)' },
  epsilon: { group: OPTIMIZER, value: 'number', help: 'of AdamW (default: 1e-8)' },
  maxGradientNorm: { group: OPTIMIZER, value: 'number', help: 'gradients are clipped to it (default: 1)' },
  dropout: { group: OPTIMIZER, value: 'share', help: 'share of elements that are dropped (default: 0)' },
  validation: { group: VALIDATION, value: 'share', help: 'share of documents held out (default: 0.05)' },
  evaluateEvery: {
    group: VALIDATION,
    value: 'count',
    help: 'steps between two validations (default: a tenth)',
  },
  patience: {
    group: VALIDATION,
    value: 'count',
    help: 'end after so many validations without a better loss, and keep the best weights',
  },
  checkpointEvery: {
    group: VALIDATION,
    value: 'count',
    help: 'steps between two checkpoints (default: 100)',
  },
  recompute: { group: COMPUTING, help: 'less memory for activations, about a quarter more time' },
  build: {
    group: COMPUTING,
    value: 'name',
    choices: ['auto', 'simd', 'relaxed'],
    help: 'simd: the same bits on every machine; relaxed: faster; auto: the fastest (default: auto)',
  },
  threads: {
    group: COMPUTING,
    value: 'count',
    parse: parseThreads,
    help: 'threads that compute (default: auto)',
  },
} satisfies Partial<Record<keyof TrainerOptions, Flag>>;

/** Options of the library that are flags of the same name. */
export const TRAINER_NAMES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];

export function addTrainFlags(command: Command): void {
  for (const name of TRAINER_NAMES) {
    const { group, value, help, parse = parseNumber, choices }: Flag = FLAGS[name];
    const option = new Option(value === undefined ? flagOf(name) : `${flagOf(name)} <${value}>`, help);
    if (choices !== undefined) option.choices(choices);
    else if (value !== undefined) option.argParser(parse);
    command.addOption(option.helpGroup(group));
  }
}

/** The options that were given on the command line; the library has the defaults. */
export function trainerOptions(values: Readonly<Record<string, unknown>>): Partial<TrainerOptions> {
  return Object.fromEntries(
    TRAINER_NAMES.filter((name) => name in values).map((name) => [name, values[name]]),
  );
}
