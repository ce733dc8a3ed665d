import type { Edit } from '../../core/hooks/edit.js';

/** What `Model.trace` reads and changes. */
export interface TraceOptions {
  /** Names of hooks (see `hooksOf` of `gpt2-wasm/examine`); `*` stands for any letters: `blocks.*.hook_resid_post`. */
  readonly read?: readonly string[] | undefined;
  /** Changes, in the order in which those of the same hook are made. Hooks are read after their changes. */
  readonly edit?: readonly Edit[] | undefined;
  /** The positions that are read, -1 for the last token. Default: all. */
  readonly positions?: ArrayLike<number> | undefined;
  /** Where the logits are given: after the `last` token (default), after `all`, at a list of positions, or `none`. */
  readonly logits?: 'last' | 'all' | 'none' | ArrayLike<number> | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Numbers, the last dimension first: row-major. */
export interface TracedNumbers {
  /** The sizes of the dimensions. */
  readonly shape: readonly number[];
  /** As many numbers as the product of the sizes. */
  readonly data: Float32Array;
}

/** What a trace has read. */
export interface Trace {
  /** The tokens of the text. */
  readonly ids: number[];
  /** The positions that were read, from 0; the rows of `values`. */
  readonly positions: number[];
  /**
   * By the names of hooks: [positions, width]; of heads [positions, heads, width]; of attention [heads, positions,
   * tokens], which is 0 (scores: -Infinity) for tokens after the position.
   */
  readonly values: Readonly<Record<string, TracedNumbers>>;
  /** Logits [positions, vocabulary], and where; undefined with `logits: 'none'`. */
  readonly logits: (TracedNumbers & { readonly positions: number[] }) | undefined;
}
