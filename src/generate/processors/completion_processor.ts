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
  /** Whether no token can follow this one. */
  ends?(token: number): boolean;
  /** Tokens that come next in any case. */
  readonly forced?: readonly number[];
  /** A copy in the same state. */
  fork?(): CompletionProcessor;
  /** How many of some tokens may follow one after the other. */
  admitted?(tokens: readonly number[]): number;
}
