import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { Build } from './binary.js';
import type { CoreMemory } from './memory.js';
import type { ThreadPlan } from './threads/plan.js';

/** Keys and values of one sequence's evaluated positions, in core memory. */
export interface KvCache {
  /** Copies all evaluated positions of another cache of the same core. */
  copyFrom(other: KvCache): void;
  /** Until `resume`, the core may give the memory to another caller that waits for a cache. */
  rest(): void;
  /** Whether the cache still has its memory and its evaluated positions. */
  resume(): boolean;
  /** Gives the memory back to the core; the cache cannot be used afterwards. */
  release(): void;
}

/**
 * The use of a cache: a session, for as long as it lives, or a single call of the model, of which a few run
 * at once.
 */
export type CacheUse = 'session' | 'call';

/**
 * One row of V logits in core memory, with the reductions that sampling and scoring need. The row and the
 * arrays that it returns are valid only during the call of `read` that receives the row.
 */
export interface LogitsRow {
  /** V logits; logits processors change them in place. */
  readonly values: Float32Array;
  /** The id of the largest logit; of equal ones the lowest id. */
  argmax(): number;
  /** ln(sum(exp(values))). Overwrites the latest softmax. */
  logSumExp(): number;
  /** softmax(values / temperature) [V], in a separate buffer; temperature > 0. */
  softmax(temperature: number): Float32Array;
  /** Sums of the latest softmax, SUM_BLOCK entries each. Overwrites the latest topK. */
  blockSums(): Float64Array;
  /**
   * Sum and number of the entries of the latest softmax, grouped by the upper 16 bits of each entry's float.
   */
  bucketSums(): { readonly sums: Float64Array; readonly counts: Int32Array };
  /**
   * Ids of the k largest entries of the latest softmax, largest first, equal ones by lower id. 1 <= k <= V.
   */
  topK(k: number): Int32Array;
}

/** Which rows of a block need logits, and the function that reads them. */
export interface WantedLogits {
  /** Index of the first such token in the block; all tokens after it follow. */
  readonly first: number;
  read(row: LogitsRow, index: number): void;
}

/** The compute core as the layers above see it: they make all decisions, and only the core knows pointers. */
export interface Core {
  readonly config: ModelConfig;
  /** Most tokens that one call of `forward` takes. */
  readonly blockSize: number;
  /**
   * Waits for a cache, in the order of the calls; undefined if the signal fires first. Throws `out-of-memory`
   * if sessions hold all of the memory, and `disposed`.
   */
  takeCache(use: CacheUse, signal?: Cancellation): Promise<KvCache | undefined>;
  /** A cache for a session; undefined if none is free now. */
  takeCacheNow(): KvCache | undefined;
  /**
   * Evaluates 1 to blockSize tokens at positions start, start + 1, ... of the sequence in `cache`, whose
   * positions before `start` are evaluated already. Then passes the wanted logits to `wanted.read`, in order.
   *
   * Calls run one after the other. The event loop runs before each slice of the work, however many calls
   * wait. Resolves to true if the work is done. If the signal fires, the call may end early and resolve to
   * false; then none of the tokens count as evaluated. Rejects with the error that `read` throws, with
   * `disposed`, and with `runtime` if a thread has died or wanted logits are not finite.
   */
  forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
    signal?: Cancellation,
  ): Promise<boolean>;
  /**
   * Passes a row of V logits from an earlier call to `read`, in a separate task; otherwise as `forward`.
   */
  present(logits: Float32Array, read: (row: LogitsRow) => void, signal?: Cancellation): Promise<boolean>;
}

/** A core and the facts that a model reports about it. */
export interface ModelCore extends Core {
  readonly build: Build;
  readonly weights: WeightFormat;
  /** How many threads compute, and the reason for that number. */
  readonly threads: ThreadPlan;
  /** Bytes of WebAssembly memory that the model has now. */
  readonly memoryBytes: number;
  /**
   * The core that was loaded, beside whose weights adapters can be placed: this one, unless it has adapters
   * itself.
   */
  readonly adapterHost: AdapterHost;
  /** Every later call throws `disposed`. */
  dispose(): void;
}

/** A place in core memory, in bytes. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** The core that was loaded, as adapters beside its weights see it. */
export interface AdapterHost extends ModelCore {
  readonly memory: CoreMemory;
  /** Regions of adapters that are no longer used, for other adapters. */
  readonly freeRegions: Region[];
  /** Memory beyond the plan. Throws `out-of-memory`, with `what` as the name of its content. */
  reserve(bytes: number, what: string): number;
  /**
   * With the address of adapters (`writeAdapters`), the sequence in the cache is evaluated with them; 0 for
   * none.
   */
  takeCache(use: CacheUse, signal?: Cancellation, adapters?: number): Promise<KvCache | undefined>;
  takeCacheNow(adapters?: number): KvCache | undefined;
}
