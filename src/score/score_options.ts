import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkNumber, whole } from '../base/check_number.js';
import { invalidOption } from '../base/check_options.js';
import type { Edit } from '../core/hooks/edit.js';
import { startTokenOf } from '../generate/prompt.js';

/** How a text is scored. */
export interface ScoreOptions {
  /**
   * Score the first token too, after the token that begins a text: the model's beginning-of-text token, or
   * else its end-of-text token. Default: true if the model has one. Without it the first token is only read.
   */
  readonly start?: boolean | undefined;
  /**
   * How many tokens each window scores after the first, 1 to the context length: for texts longer than the
   * context, which are refused with `context-full` unless this is given. Each token is scored once, in the
   * first window that reaches it; windows overlap, so that it has at least contextLength - stride + 1 tokens
   * before it, or all there are.
   */
  readonly stride?: number | undefined;
  /**
   * Index of the first token of the text that is scored; those before it are only read. Default: all tokens
   * are scored.
   */
  readonly from?: number | undefined;
  /** How many of the likeliest tokens to give at each scored token, 0 (default) to 1000. */
  readonly top?: number | undefined;
  /**
   * Changes of numbers inside the model; see `Model.trace`. Positions count the tokens that are read: the one that
   * begins a text, if the first one is scored after it, and those of the text. Not for a text of several windows.
   */
  readonly edit?: readonly Edit[] | undefined;
  /** Ends the scoring with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

export const SCORE_OPTION_NAMES = Object.keys({
  start: true,
  stride: true,
  from: true,
  top: true,
  edit: true,
  signal: true,
} satisfies Record<keyof ScoreOptions, true>);

/** Largest `top`. */
const MOST_TOP = 1000;

interface ResolvedScoreOptions {
  /** The token after which the first one is scored. */
  readonly startToken: number | undefined;
  readonly stride: number | undefined;
  readonly from: number;
  readonly top: number;
}

/**
 * The token after which the first token of a text is scored; `undefined` if that is only read. Throws `invalid-option`
 * if `start` is neither true, false nor undefined, and for true if the model has no such token.
 */
export function startTokenFor(start: boolean | undefined, config: ModelConfig): number | undefined {
  const startToken = startTokenOf(config);
  if (start !== undefined && typeof start !== 'boolean') throw invalidOption('start', start, 'true or false');
  if (start && startToken === undefined) {
    throw invalidOption('start', start, 'false: the model has no token that begins a text');
  }
  return start === false ? undefined : startToken;
}

/** Throws `invalid-option` unless a stride is a whole number from 1 to the context length. */
export function checkStride(stride: number, contextLength: number): void {
  if (Number.isInteger(stride) && stride >= 1 && stride <= contextLength) return;
  throw invalidOption('stride', stride, `an integer from 1 to the context length, ${contextLength}`);
}

/** Checks the values of options, not their names. Throws `invalid-option`. */
export function resolveScoreOptions(options: ScoreOptions, config: ModelConfig): ResolvedScoreOptions {
  const { start, stride, from = 0, top = 0 } = options;
  const { contextLength, vocabSize } = config;
  const startToken = startTokenFor(start, config);
  if (stride !== undefined) checkStride(stride, contextLength);
  checkNumber('from', from, whole(0));
  checkNumber('top', top, whole(0, MOST_TOP));
  return { startToken, stride, from, top: Math.min(top, vocabSize) };
}
