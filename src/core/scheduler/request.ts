import { PAGE } from '../../../assembly/abi.js';
import type { PagedSequence } from '../kv/paged_sequence.js';
import type { Evaluated, Evaluation, SequenceUse } from '../types.js';

/** An evaluation that waits for its turns or has some of them. */
export interface Request {
  readonly sequence: PagedSequence;
  readonly use: SequenceUse;
  readonly evaluation: Evaluation;
  readonly priority: number;
  /** Number of its sequence: those that have been in use for longer have lower numbers. */
  readonly number: number;
  /** Index of the first token whose results are wanted and not yet read. */
  first: number;
  /** Number of the latest batch with a run of this request, or before it came. */
  turn: number;
  /** Whether the sequence holds a beginning of these tokens, and not of those before. */
  hasBegun: boolean;
  /** How many rows were evaluated for it so far. */
  evaluated: number;
  /** Whether the caller has its result, so that nothing may be read or kept for it. */
  isOver: boolean;
  resolve(result: Evaluated | undefined): void;
  reject(error: unknown): void;
  /** Stops listening to the signal, if the request listens. */
  unlisten: (() => void) | undefined;
}

/** How many tokens are still to be evaluated, at least. */
export function remaining({ sequence, evaluation }: Request): number {
  return evaluation.tokens.length - sequence.cached;
}

/** How many pages a request needs in all. */
export function pagesOf({ sequence, evaluation }: Request): number {
  return Math.ceil(evaluation.tokens.length / PAGE) + (sequence.memory?.share ?? 0);
}

/** Whether `a` gives way to `b` if there are pages for only one of them: positive if so. */
export function byRank(a: Request, b: Request): number {
  return b.priority - a.priority || a.number - b.number;
}

/** The order of turns among requests of the same priority. */
export function byTurn(a: Request, b: Request): number {
  return b.priority - a.priority || a.turn - b.turn || a.number - b.number;
}

/** A part of a request that one batch evaluates: tokens start.. before start + count. */
export interface RequestRun {
  readonly request: Request;
  readonly start: number;
  readonly count: number;
  /** How many of them, the last ones, have wanted results. */
  readonly wanted: number;
  /** Whether others left it a part of the batch and it needed more: its turn then goes on in the next batch. */
  readonly isCut: boolean;
}
