/**
 * A tensor as the header of a file describes it; its bytes are `start` (inclusive) to `end` (exclusive) of
 * `file`.
 */
export interface StoredTensor {
  readonly name: string;
  readonly file: string;
  /** The number format by the name that safetensors or ggml has for it; not all of them are read. */
  readonly dtype: string;
  /** Rows before columns. */
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}
