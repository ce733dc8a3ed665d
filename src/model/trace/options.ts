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
  /**
   * The binary that traces, compiled from `gpt2-wasm/wasm/trace-simd.wasm` or `trace-relaxed.wasm`: for runtimes that
   * compile no bytes, as `module` of `loadModel`. The first trace of a loaded model needs it; later traces, and edits of
   * other calls, use it too. Default: that of the package.
   */
  readonly module?: WebAssembly.Module | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Numbers in one array, row-major: those of the last dimension are side by side. */
export interface TracedNumbers {
  /** The sizes of the dimensions. */
  readonly shape: readonly number[];
  /** As many numbers as the product of the sizes. */
  readonly data: Float32Array;
}

/** Logits [positions, vocabulary]. */
export interface TracedLogits extends TracedNumbers {
  /** The tokens, from 0, after which they are. */
  readonly positions: number[];
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
  /** The logits that were asked for; undefined with `logits: 'none'`. */
  readonly logits: TracedLogits | undefined;
}
