import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import type { KvFormat } from '../dtypes/kv_formats.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { JobPlace, JobRunner } from './abi/job.js';
import type { Build } from './binary.js';
import type { PointActions } from './hooks/actions.js';
import type { PageRoot } from './kv/page.js';
import type { PageCounts } from './kv/page_pool.js';
import type { SequenceMemory } from './kv/paged_sequence.js';
import type { LogitsRow } from './logits_row.js';
import type { CoreMemory } from './memory.js';
import type { ThreadPlan } from './threads/plan.js';

export type { LogitsRow } from './logits_row.js';

/** What a sequence is to become, and which results are wanted. */
export interface Evaluation {
  /** All tokens of the sequence, 1 to the context length; NO_TOKEN for a position that `inputs` gives. */
  readonly tokens: readonly number[];
  /** Vectors in place of tokens, and positions other than 0, 1, 2, ... */
  readonly inputs?: Inputs | undefined;
  /** Index of the first token after which results are wanted; default: the last one alone. */
  readonly first?: number | undefined;
  /**
   * Receives the results after each wanted token, in order; `index` is the token's. If it returns false, the
   * tokens after this one do not count as evaluated, and it is not called again.
   */
  readonly read: (row: LogitsRow, index: number) => unknown;
  /** `hidden`: of the rows only `hidden` is wanted, and no logits are computed. Default: `logits`. */
  readonly wanted?: 'logits' | 'hidden' | undefined;
  /** Evaluations with a higher priority are served first; default 0. */
  readonly priority?: number | undefined;
  readonly signal?: Cancellation | undefined;
}

/** What a sequence begins with in place of embedded tokens, and what is changed while it is evaluated. */
export interface Inputs {
  /** The vector of position `index` [C], to which the position embedding is added. */
  vector?(index: number): Float32Array;
  /** The row of the position embedding that is added at each index; default: the index. */
  readonly positions?: readonly number[] | undefined;
  readonly hooks?: Hooks | undefined;
  /** Keys and values of encoder states that the sequence attends to; it must be the sequence's own. */
  readonly memory?: SequenceMemory | undefined;
  /**
   * Receives the weights of the states in the cross-attention of each wanted row, [L, heads, states], before its
   * results are read.
   */
  attended?(index: number, weights: Float32Array): void;
}

/** What reads and changes numbers while a sequence is evaluated. */
export interface Hooks {
  /** By the name of a point in the forward pass. */
  readonly actions: ReadonlyMap<string, PointActions>;
  /** Computes the jobs of a batch, with the hooks of all its runs; `row` is a row of logits that it has computed. */
  runner(runs: readonly EvaluatedRun[], row: (index: number) => LogitsRow): JobRunner;
}

/** Consecutive tokens of an evaluation in a batch. */
export interface EvaluatedRun {
  readonly request: { readonly evaluation: Evaluation };
  readonly start: number;
  readonly count: number;
  /** How many of them, the last ones, have wanted results. */
  readonly wanted: number;
}

/** The result of an evaluation. */
export interface Evaluated {
  /** How many tokens were not evaluated, since this or another sequence had evaluated the same beginning. */
  readonly cachedTokens: number;
}

/**
 * A sequence of tokens of a core. Its keys and values are in pages, which it shares with sequences that begin
 * in the same way.
 */
export interface CoreSequence {
  /** The evaluated tokens, oldest first. */
  readonly tokens: readonly number[];
  /** Whether keys and values of all evaluated tokens are in memory: if not, they are evaluated again. */
  readonly isResident: boolean;
  /**
   * Makes the sequence `tokens`: keeps the longest evaluated beginning, evaluates the rest, and passes the
   * wanted results to `read`. Evaluations of different sequences run together, those of one sequence one
   * after the other; the event loop runs before each slice of the work.
   *
   * If the signal fires first, resolves to undefined, and the sequence holds the tokens that were evaluated.
   * Rejects with the error that `read` throws, with `disposed`, with `out-of-memory` if the sequence alone
   * does not fit into memory, and with `runtime` if a thread has died or wanted logits are not finite.
   */
  evaluate(evaluation: Evaluation): Promise<Evaluated | undefined>;
  /** Addresses of its pages, in order: of all evaluated tokens if it is resident and not evaluated now. */
  readonly pages: readonly number[];
  /**
   * Makes a new sequence `tokens`, whose keys and values `write` puts into pages. If there is no room for them,
   * `write` is not called, and the tokens are evaluated when the sequence is used.
   */
  adopt(tokens: readonly number[], write: (pages: readonly number[]) => Promise<void>): Promise<void>;
  /** Another sequence with the same tokens, which shares all pages with this one. */
  fork(): CoreSequence;
  /** Removes all tokens after the first `length`; not while the sequence is evaluated. */
  rewind(length: number): void;
  /** Gives the pages back and ends running evaluations, which resolve to undefined. */
  release(): void;
}

/**
 * The use of a sequence: a session keeps its pages until it is released or the memory is full, a single call
 * of the model only while it computes.
 */
export type SequenceUse = 'session' | 'call';

/** Present work of a core. */
export interface CoreStats {
  /** Evaluations that have not begun, and those that have. */
  readonly waiting: number;
  readonly running: number;
  /** Pages of keys and values, and the bytes of one. */
  readonly pages: PageCounts;
  readonly pageBytes: number;
  /** Rows of the latest batches whose results were wanted, for each second of computing. */
  readonly tokensPerSecond: number;
}

/** How long a batch took, and how many rows it had, in all and with wanted results. */
export interface BatchTime {
  readonly ms: number;
  readonly rows: number;
  readonly wanted: number;
}

/** The compute core as the layers above see it: they make all decisions, and only the core knows pointers. */
export interface Core {
  readonly config: ModelConfig;
  /** The latest batches, oldest first: to choose the fastest way to a result, never the result. */
  readonly batchTimes: readonly BatchTime[];
  /**
   * A new, empty sequence, which takes memory only when it is evaluated. With `isPrivate` it shares nothing
   * with others but its forks: for sequences with `inputs`, whose memory it has.
   */
  sequence(use: SequenceUse, isPrivate?: boolean, memory?: SequenceMemory): CoreSequence;
}

/** A core and the facts that a model reports about it. */
export interface ModelCore extends Core {
  readonly build: Build;
  readonly weights: WeightFormat;
  /** How many threads compute, and the reason for that number. */
  readonly threads: ThreadPlan;
  /** How keys and values are kept. */
  readonly kvCache: KvFormat;
  /** Bytes of WebAssembly memory that the model has now. */
  readonly memoryBytes: number;
  readonly stats: CoreStats;
  /**
   * The core that was loaded, beside whose weights adapters can be placed: this one, unless it has adapters
   * itself.
   */
  readonly adapterHost: AdapterHost;
  /** The numbers of adapters beside the weights, and which matrices they change; undefined without adapters. */
  readonly adapterNumbers?: AdapterNumbers | undefined;
  /** Every later call throws `disposed`. */
  dispose(): void;
}

/** Adapters in core memory: JSON of the matrices that they change with their ranks, and the place of the numbers. */
export interface AdapterNumbers {
  readonly description: string;
  readonly region: Region;
}

/** Makes memories of a model with cross-attention. */
export interface CrossHost {
  /**
   * A memory of encoder states, row-major [S, C], S from 1 to `MOST_STATES`; it copies them. If it `isKept`, its keys
   * and values stay while there is room, also between the sequences that read it, until it is forgotten.
   */
  memoryOf(states: Float32Array, isKept: boolean): SequenceMemory;
  /** Frees what a memory keeps. */
  forget(memory: SequenceMemory): void;
}

/** A place in core memory, in bytes. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** The core that was loaded, as adapters beside its weights see it. */
export interface AdapterHost extends ModelCore {
  readonly memory: CoreMemory;
  /** Where its jobs find model, batch and logits. */
  readonly place: JobPlace;
  /** Computes its jobs. */
  readonly runner: JobRunner;
  /** The packed weights. */
  readonly packedWeights: Region;
  /** Regions of adapters that are no longer used, for other adapters. */
  readonly freeRegions: Region[];
  /**
   * As `sequence`, evaluated with adapters at an address (`writeAdapters`); `root` begins the pages of all
   * sequences with these adapters.
   */
  sequenceWith(
    use: SequenceUse,
    root: PageRoot,
    adapters: number,
    memory: SequenceMemory | undefined,
  ): CoreSequence;
  /** Cross-attention, if the model has it. */
  readonly cross: CrossHost | undefined;
  /** Does some work soon, while no batch is evaluated. */
  between(work: () => void): void;
  /** Frees the pages of a root whose adapters are no longer used. */
  forget(root: PageRoot): void;
}
