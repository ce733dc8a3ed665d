import type { LogitsSums } from '../processors/completion_processor.js';

/** Writes a watermark into one text. */
export interface Mark {
  /** Changes logits [V] in place: those of the tokens that may be drawn. */
  apply(logits: Float32Array, sums: LogitsSums): void;
  /** Receives each token of the completion. */
  push(token: number): void;
  /** A copy in the same state. */
  fork(): Mark;
}
