import type { PagedSequence } from '../kv/paged_sequence.js';
import type { Evaluated, Evaluation, SequenceUse } from '../types.js';

/** An evaluation that waits for its turns or has some of them. */
export interface Request {
  readonly sequence: PagedSequence;
  readonly use: SequenceUse;
  readonly evaluation: Evaluation;
  /** Number of the request: older ones have lower numbers. */
  readonly number: number;
  /** Number of the latest batch with a run of this request, or before it came. */
  turn: number;
  /** How many tokens needed no evaluation; undefined until the request has begun. */
  cachedTokens: number | undefined;
  /** Whether the sequence holds a beginning of the tokens now. */
  hasBegun: boolean;
  /** Whether the latest batch had no room for it, although all older requests had their turn. */
  lacksPages: boolean;
  /** Whether the caller has its result, so that nothing may be read or kept for it. */
  isOver: boolean;
  resolve(result: Evaluated | undefined): void;
  reject(error: unknown): void;
}

/** Index of the first token whose results are wanted. */
export function firstWanted({ evaluation: { tokens, first } }: Request): number {
  return first ?? tokens.length - 1;
}

/** How many tokens are still to be evaluated, at least. */
export function remaining({ sequence, evaluation }: Request): number {
  return evaluation.tokens.length - sequence.cached;
}

/** A part of a request that one batch evaluates: tokens start.. before start + count. */
export interface RequestRun {
  readonly request: Request;
  readonly start: number;
  readonly count: number;
  /** How many of them, the last ones, have wanted results. */
  readonly wanted: number;
}
