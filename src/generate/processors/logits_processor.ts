/**
 * Changes the logits of the next token before one is sampled. Each completion has its own processors, which
 * are applied one after the other.
 */
export interface LogitsProcessor {
  /** Changes `logits` [V] in place; -Infinity bans a token. */
  apply(logits: Float32Array): void;
  /** Receives each token after it was sampled. */
  push?(token: number): void;
}
