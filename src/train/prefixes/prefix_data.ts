import type { ExampleData } from '../data/examples.js';

/** Features and the text that follows the vectors that a mapper makes of them. One of `text` and `ids` is given. */
export interface PrefixExample {
  /** The numbers that the mapper takes, such as the embedding that CLIP gives of an image: [D]. */
  readonly features: Float32Array;
  /** The text. */
  readonly text?: string | undefined;
  /** The text as token ids, without the one that ends it. */
  readonly ids?: ArrayLike<number> | undefined;
}

/** Features with their texts to learn from. */
export type PrefixData = ExampleData<PrefixExample>;
