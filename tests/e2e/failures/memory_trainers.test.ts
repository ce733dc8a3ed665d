// As memory.test.ts, for the trainers of examples.
import { test } from 'uvu';
import {
  CaptionTrainer,
  ClassifierTrainer,
  PreferenceTrainer,
  PrefixTrainer,
  RewardTrainer,
} from '../../../src/train.js';
import { eachAllocationFails } from '../../support/each_allocation.js';
import { memoryTarget } from '../../support/memory_target.js';
import { PICTURES, TINY } from '../../train/captions/tiny.js';
import { FILES, PAIRS } from '../../train/preferences/tiny.js';

const RUN = { steps: 1, batchSize: 2, contextLength: 12, evaluateEvery: 1, build: 'simd' } as const;
const store = () => {
  const states = memoryTarget();
  return { latest: async () => undefined, target: () => states, prune: async () => {} };
};

interface AnyTrainer extends AsyncIterable<unknown> {
  saveState?(): Promise<unknown>;
  save(target: ReturnType<typeof memoryTarget>): Promise<unknown>;
  dispose(): void;
}

/** One step, its state, and what it has learned. */
async function trained(created: Promise<AnyTrainer>): Promise<void> {
  const trainer = await created;
  try {
    for await (const _ of trainer);
    await trainer.saveState?.();
    await trainer.save(memoryTarget());
  } finally {
    trainer.dispose();
  }
}

const CLASSES = PAIRS.slice(0, 4).flatMap(({ prompt, chosen, rejected }) => [
  { text: String(prompt) + String(chosen), label: 'animal' },
  { text: String(prompt) + String(rejected), label: 'food' },
]);
const MLP = { kind: 'mlp', features: 2, vectors: 2, innerChannels: 3 } as const;
const EXAMPLES = [1, 2].map((id) => ({ features: Float32Array.of(1, id), ids: [id, 2] }));

const RUNS: Readonly<Record<string, (threads: number) => Promise<AnyTrainer>>> = {
  preferences: (threads) =>
    PreferenceTrainer.create({
      ...{ ...RUN, threads, checkpoints: store(), model: FILES },
      ...{ data: PAIRS.slice(0, 4), validation: PAIRS.slice(4, 6), lora: { rank: 1 } },
    }),
  rewards: (threads) =>
    RewardTrainer.create({
      ...{ ...RUN, threads, model: FILES, data: PAIRS.slice(0, 4) as never, validation: 0 },
    }),
  classes: (threads) =>
    ClassifierTrainer.create({ ...RUN, threads, model: FILES, data: CLASSES, validation: 0 }),
  captions: (threads) =>
    CaptionTrainer.create({
      ...{ ...RUN, threads, checkpoints: store(), config: TINY, contextLength: 6, startTokenId: 1 },
      ...{ data: PICTURES.slice(0, 2), validation: PICTURES.slice(2, 3) },
    }),
  prefixes: (threads) =>
    PrefixTrainer.create({
      ...{ ...RUN, threads, checkpoints: store(), model: FILES, mapper: MLP, trainModel: true },
      ...{ data: EXAMPLES, validation: EXAMPLES.slice(1) },
    }),
};

for (const [title, create] of Object.entries(RUNS)) {
  for (const threads of [1, 2]) {
    test(`a run that learns ${title}, ${threads} threads: an allocation that fails gives an error with a code`, () =>
      eachAllocationFails(() => trained(create(threads))));
  }
}

test.run();
