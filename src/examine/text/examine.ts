import { checkOptionNames } from '../../base/check_options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { textOrIds } from '../ids_of.js';
import { runOperation } from '../run_operation.js';
import type { Examination } from './examination.js';

/** How a text is examined. */
export interface ExamineOptions extends Work {
  /**
   * Measure the first token too, after the token that begins a text: the model's beginning-of-text token, or
   * else its end-of-text token. Default: true if the model has one. Without it the first token is only read.
   */
  readonly start?: boolean | undefined;
  /**
   * How many tokens of a text that is longer than the context each window measures after the first, 1 to the
   * context length; default half the context, rounded up. The first window measures as many tokens as the context
   * has positions. Each token is measured once, from at least contextLength - stride + 1 tokens before it, or all
   * there are.
   */
  readonly stride?: number | undefined;
  /** How many of the likeliest tokens to list at each place, 0 to 1000; default 5. */
  readonly top?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  start: true,
  stride: true,
  top: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof ExamineOptions, true>);

/**
 * How a text, or a list of token ids, looks to the model: each token's log-probability, rank, entropy, surprisal and
 * alternatives; each word's and sentence's surprisal; perplexity, bits per byte and counts of ranks of the whole. The
 * numbers of tokens are those of `score`, bit by bit.
 *
 * An empty text is examined as the token that ends a text. Progress counts tokens. Throws `invalid-option`, also for a
 * single token without a start token; `aborted`.
 */
export async function examine(
  model: AnyModel,
  text: Prompt,
  options: ExamineOptions = {},
): Promise<Examination> {
  checkOptionNames('examine', options, OPTION_NAMES);
  const { start, stride, top, signal, onProgress } = options;
  const given = textOrIds(model, text);
  return runOperation(model, 'examine', { text: given, start, stride, top }, { signal, onProgress });
}
