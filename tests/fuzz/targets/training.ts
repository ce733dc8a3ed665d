import type { ModelSource } from '../../../src/files/source.js';
import * as train from '../../../src/train.js';
import { memoryTarget } from '../../support/memory_target.js';
import { memorySource } from '../../support/sources.js';
import { callsTarget } from '../calls.js';
import { type Files, folderTarget } from '../folder_target.js';
import { small, smallFiles } from '../small.js';
import { mustBeFinite } from '../target.js';

const RUN = {
  ...{
    data: ['A cat sat. '.repeat(9), 'A dog ran. '.repeat(3)],
    batchSize: 1,
    contextLength: 8,
    accumulation: 1,
  },
  ...{
    epochs: '@undefined',
    steps: 2,
    learningRate: 1e-3,
    schedule: 'linear',
    optimizer: 'adamw',
    warmup: 0,
    seed: 0,
  },
  ...{
    finalLearningRate: 0,
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.9,
    epsilon: 1e-8,
    maxGradientNorm: 1,
    dropout: 0,
  },
  ...{
    validation: 0,
    evaluateEvery: 1,
    checkpointEvery: 1,
    layout: 'packed',
    recompute: false,
    documentBorders: true,
  },
};
const OWN = { build: 'simd', threads: 1, tokenizer: small.tokenizer, config: small.config } as const;
const LORA = { rank: 2, alpha: 4, targets: ['attn.c_attn'] };

/** The options of an input over those that it cannot have. */
const whole = (options: unknown, own: object) =>
  (typeof options === 'object' && options !== null ? { ...options, ...own } : options) as never;

interface AnyTrainer {
  [Symbol.asyncIterator](): AsyncIterator<{ readonly loss?: number }>;
  dispose(): void;
}

/** The loss of the first step. */
async function firstLoss(created: Promise<AnyTrainer>): Promise<unknown> {
  const trainer = await created;
  try {
    const { value } = await trainer[Symbol.asyncIterator]().next();
    return value?.loss;
  } finally {
    trainer.dispose();
  }
}

const { config: _, tokenizer: __, ...FINE } = { ...OWN, model: { ...smallFiles } };

export const TRAINER_CALLS = callsTarget('trainer-calls', {
  Trainer: [(options) => firstLoss(train.Trainer.create(whole(options, OWN))), RUN],
  'Trainer of an adapter': [
    (options) => firstLoss(train.Trainer.create(whole(options, { ...FINE }))),
    { ...RUN, lora: LORA },
  ],
  ClassifierTrainer: [
    (options) => firstLoss(train.ClassifierTrainer.create(whole(options, { ...FINE })) as never),
    {
      ...{
        data: [
          { text: 'A cat', label: 'a' },
          { text: 'A dog', label: 'b' },
        ],
        labels: ['a', 'b'],
      },
      ...{ steps: 1, batchSize: 1, contextLength: 8, validation: 0 },
    },
  ],
  PreferenceTrainer: [
    (options) => firstLoss(train.PreferenceTrainer.create(whole(options, { ...FINE })) as never),
    {
      ...{ data: [{ prompt: 'A', chosen: ' cat', rejected: ' dog' }], loss: 'simpo', beta: 1, gamma: 1 },
      ...{ steps: 1, batchSize: 1, contextLength: 8, validation: 0 },
    },
  ],
  learningRateSchedule: [
    (options, step) => train.learningRateSchedule(options)(step),
    ...[{ peak: 1e-3, steps: 9, warmup: 2, decay: 'linear', final: 0 }, 1],
  ],
  trainTokenizer: [
    (texts, options) => train.trainTokenizer(texts, options),
    ...[['A cat sat. A cat ran.'], { vocabSize: 260, minFrequency: 2, specialTokens: ['<s>'] }],
  ],
  lossCurveText: [
    (curve, options) => train.lossCurveText(curve, options),
    {
      training: [
        { step: 1, loss: 3 },
        { step: 2, loss: 2 },
      ],
      validation: [{ step: 2, loss: 2 }],
    },
    { columns: 60, rows: 3, colors: false },
  ],
  estimateTrainingMemory: [
    (config, shape, threads) => train.estimateTrainingMemory(config, shape, threads),
    ...[{ ...small.config }, { batch: 1, length: 8, recompute: false, lora: LORA }, 1],
  ],
});

const STATE_RUN = { ...OWN, ...RUN, epochs: undefined, validation: 0.4 } as unknown as train.TrainerOptions;

/** A store whose newest state is of these files. */
const storeOf = (latest: ModelSource | undefined, target = memoryTarget()) => ({
  latest: async () => latest,
  target: () => target,
  prune: async () => {},
});

async function savedRun(): Promise<Files> {
  const target = memoryTarget();
  const trainer = await train.Trainer.create({ ...STATE_RUN, checkpoints: storeOf(undefined, target) });
  await trainer[Symbol.asyncIterator]().next();
  await trainer.saveState();
  trainer.dispose();
  return target.files;
}

/** Resumes a run from a damaged state. */
export const TRAINING_STATES = folderTarget(
  'training-states',
  [await savedRun()],
  async (files) => {
    const store = storeOf(memorySource('the state', files));
    const trainer = await train.Trainer.create({ ...STATE_RUN, checkpoints: store, resume: true });
    try {
      for await (const { loss } of trainer) mustBeFinite([loss], 'a loss');
    } finally {
      trainer.dispose();
    }
  },
  {
    words: [
      'step',
      'tokens',
      'position',
      'identity',
      'fruitless',
      'training',
      'validation',
      'weights.',
      'best.',
    ],
  },
);
