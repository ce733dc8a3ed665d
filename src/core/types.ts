import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { Build } from './binary.js';
import type { ThreadPlan } from './threads/plan.js';

/** Keys and values of one sequence's evaluated positions, in core memory. */
export interface KvCache {
  /** Takes over every evaluated position of another cache of the same core. */
  copyFrom(other: KvCache): void;
  /** Until `resume`, the core may give the memory to somebody else who waits for a cache. */
  rest(): void;
  /** Whether the cache still has its memory and what was evaluated in it. */
  resume(): boolean;
  /** Gives the memory back to the core; the cache cannot be used afterwards. */
  release(): void;
}

/** Who uses a cache: a session, as long as it lives, or a single call of the model, of which a few run at once. */
export type CacheUse = 'session' | 'call';

/**
 * One row of V logits in core memory, with the reductions that sampling and scoring need.
 * Every view is valid during the call that was given the row.
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

/** The logits after which tokens of a block are wanted, and what takes them. */
export interface WantedLogits {
  /** Index of the first of the tokens; those after it follow. */
  readonly first: number;
  read(row: LogitsRow, index: number): void;
}

/** The compute core as the layers above see it: policy stays with them, pointers stay below. */
export interface Core {
  readonly config: ModelConfig;
  /** Most positions that one call of `forward` takes. */
  readonly blockSize: number;
  /**
   * Waits for a cache, in the order of the calls; undefined if the signal fires first. Throws `out-of-memory` if
   * sessions hold all of the memory, and `disposed`.
   */
  takeCache(use: CacheUse, signal?: Cancellation): Promise<KvCache | undefined>;
  /** As `takeCache` for a session, but undefined if none is free now. */
  takeCacheNow(): KvCache | undefined;
  /**
   * Evaluates 1 to blockSize tokens at positions start, start + 1, ... of the sequence in `cache`, whose positions
   * before `start` are evaluated already. Then hands the wanted logits out, in order.
   *
   * Calls are served one after the other, and the event loop has its turn before each slice of the work, however many
   * calls wait. Resolves to whether the work is done: when the signal fires it may end early, and of the block nothing
   * counts as evaluated. Rejects with what `read` throws, `disposed`, and `runtime` if a thread has died or wanted
   * logits are not finite.
   */
  forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
    signal?: Cancellation,
  ): Promise<boolean>;
  /** Hands out a row of V logits that an earlier call gave, in a turn of its own; otherwise as `forward`. */
  present(logits: Float32Array, read: (row: LogitsRow) => void, signal?: Cancellation): Promise<boolean>;
}

/** A core with what is known of it. */
export interface ModelCore extends Core {
  readonly build: Build;
  readonly weights: WeightFormat;
  /** How many threads compute, and why so many. */
  readonly threads: ThreadPlan;
  /** Bytes of WebAssembly memory the model has now. */
  readonly memoryBytes: number;
  /** Every later call throws `disposed`. */
  dispose(): void;
}
