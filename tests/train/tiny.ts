import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { folderSource } from '../../src/files/folder/folder_source.js';
import { loadTokenizer } from '../../src/model/load_model.js';
import type { Trainer } from '../../src/train/trainer.js';
import type { TrainerOptions } from '../../src/train/trainer_options.js';
import type { TrainingStep } from '../../src/train/training_step.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';

export const tokenizer = await loadTokenizer(storiesTiny);

/** Little stories that a model can learn: the same words in many orders. */
export const STORIES = (() => {
  const random = randomSource(1);
  const pick = (words: string) => words.split(' ')[random.below(words.split(' ').length)]!;
  return Array.from({ length: 40 }, () =>
    Array.from(
      { length: 4 },
      () =>
        `The ${pick('zebra walrus badger')} ${pick('hums juggles yodels')} near the ${pick('quay fjord')}.`,
    ).join(' '),
  );
})();

/** A model that a step takes milliseconds of. */
export const TINY = {
  ...(await openCheckpoint(await folderSource(storiesTiny))).config,
  ...{ contextLength: 40, channels: 24, heads: 3, layers: 2, innerChannels: 40 },
};

/** Runs of that model. */
export const OPTIONS: TrainerOptions = {
  ...{ config: TINY, tokenizer, data: STORIES, steps: 12, batchSize: 3, contextLength: 17, accumulation: 2 },
  ...{
    learningRate: 3e-3,
    dropout: 0.1,
    seed: 5,
    validation: 0.2,
    evaluateEvery: 5,
    build: 'simd',
    threads: 1,
  },
};

/** The steps of a run, or its next `most`. */
export async function run(trainer: Trainer, most = Infinity): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of trainer) {
    steps.push(step);
    if (steps.length === most) break;
  }
  return steps;
}
