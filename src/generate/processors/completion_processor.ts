import type { LogitsRow } from '../../core/types.js';

/** Sums over the logits that are processed, as they are at the call. */
export type LogitsSums = Pick<LogitsRow, 'logSumExp' | 'softmax'>;

/**
 * Changes the logits of the next token before one is sampled. Each completion and each beam has its own
 * processors, which are applied one after the other.
 */
export interface CompletionProcessor {
  /** Changes `logits` [V] in place; -Infinity bans a token. */
  apply(logits: Float32Array, sums: LogitsSums): void;
  /** Receives each token after it was sampled. */
  push?(token: number): void;
}
