import type { PreferencePair, PreferenceTrainerOptions } from '../../../src/train.js';
import { shardedFiles } from '../../support/small_model.js';

/** A model that a step takes milliseconds of. */
export const FILES = await shardedFiles();

/** Answers about animals are better than answers about food. */
export const PAIRS: readonly PreferencePair[] = ['I see a', 'Tom has the', 'We saw one'].flatMap((prompt) =>
  ['cat', 'dog', 'bird', 'fish'].map((animal, i) => ({
    prompt,
    chosen: ` ${animal}`,
    rejected: ` ${['cake', 'bread', 'milk', 'soup'][i]} for you`,
  })),
);

/** A run that learns them. */
export const OPTIONS: PreferenceTrainerOptions = {
  ...{ model: FILES, data: PAIRS, validation: PAIRS, steps: 30, batchSize: 4, contextLength: 12, seed: 1 },
  ...{ learningRate: 3e-3, build: 'simd', threads: 1 },
};
