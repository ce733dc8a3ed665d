import type { ModelConfig } from '../config.js';

/** Keys and values of one sequence's evaluated positions, in core memory. */
export interface KvCache {
  /** Takes over every evaluated position of another cache of the same core. */
  copyFrom(other: KvCache): void;
  /** Gives the memory back to the core; the cache cannot be used afterwards. */
  release(): void;
}

/** Entries in each sum of `blockSums`. */
export const SUM_BLOCK = 64;
/** Buckets of `bucketSums`: the last one is that of the float 1. */
export const BUCKETS = 0x3f81;

/**
 * One row of V logits in core memory, with the reductions that sampling and scoring need.
 * Every view is valid until the core next evaluates or a cache is created.
 */
export interface LogitsRow {
  /** V logits; logits processors change them in place. */
  readonly values: Float32Array;
  /** The id of the largest logit, the lowest such id where several are equal. */
  argmax(): number;
  /** ln(sum(exp(values))). Overwrites the latest softmax. */
  logSumExp(): number;
  /** softmax(values / temperature) in a buffer beside the values (V); temperature > 0. */
  softmax(temperature: number): Float32Array;
  /** Sums of the latest softmax, SUM_BLOCK entries each. Overwrites the latest topK. */
  blockSums(): Float64Array;
  /** Sum and number of the entries of the latest softmax by the upper 16 bits of an entry's float. */
  bucketSums(): { readonly sums: Float64Array; readonly counts: Int32Array };
  /** Ids of the k largest entries of the latest softmax, largest first, equal ones by lower id. 1 <= k <= V. */
  topK(k: number): Int32Array;
}

/** The compute core as the layers above see it: policy stays with them, pointers stay below. */
export interface Core {
  readonly config: ModelConfig;
  /** Most positions that one call of `forward` takes. */
  readonly blockSize: number;
  /** Throws `out-of-memory` when no further cache fits. */
  createCache(): KvCache;
  /**
   * Evaluates 1 to blockSize tokens at positions start, start + 1, ... of the sequence in `cache`,
   * whose positions before `start` are evaluated already. Synchronous: the caller decides when to yield.
   */
  forward(cache: KvCache, tokens: ArrayLike<number>, start: number): void;
  /** Most rows that one call of `logits` computes. */
  readonly logitsRows: number;
  /** Computes the logits of rows first, first + 1, ... of the latest `forward`, whose first token is row 0. */
  logits(first: number, rows: number): LogitsRow[];
}
