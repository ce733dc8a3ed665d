import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error } from '../base/errors.js';
import { idList } from '../base/id_list.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ResolvedOptions } from './resolve_options.js';

/** Text, or token ids of the model's vocabulary. */
export type Prompt = string | ArrayLike<number>;

/** How a text becomes the tokens of a prompt. */
export interface TextLimits {
  readonly allowedSpecial?: ResolvedOptions['allowedSpecial'];
  /** What to do if the text has far more tokens than the context; `undefined` if it may have them. */
  readonly advice?: string | undefined;
}

/**
 * Contexts from which on a text is not encoded to its end to say how many tokens too many it has: it may have
 * many MB, and nothing else runs meanwhile. What a text loses before it is measured, as a word that is
 * healed, is less.
 */
const MOST_CONTEXTS = 4;

const TEXT_OR_IDS = 'a string or an array of token ids';

/** The token that begins a text: the model's beginning-of-text token, or else its end-of-text token. */
export function startTokenOf({ bosTokenId, eosTokenIds }: ModelConfig): number | undefined {
  return bosTokenId ?? eosTokenIds[0];
}

/** Text as it is, and checked token ids, which may be none. Throws `invalid-option`. */
export function appendedText(text: Prompt, { vocabSize }: ModelConfig): string | number[] {
  return typeof text === 'string' ? text : idList(text, 'the appended text', TEXT_OR_IDS, vocabSize);
}

/**
 * The tokens of a prompt, at least one: an empty prompt is the model's beginning-of-text token, or else its
 * end-of-text token. The tokenizer is asked for only where there is text.
 *
 * Throws `invalid-option` for anything else, for ids outside the vocabulary, and for an empty prompt where
 * the model has neither token, and `context-full` with `advice`.
 */
export function promptTokens(
  prompt: Prompt,
  config: ModelConfig,
  tokenizer: () => Tokenizer,
  { allowedSpecial = 'none', advice }: TextLimits = {},
): number[] {
  const { contextLength, vocabSize } = config;
  const most = advice === undefined ? Number.POSITIVE_INFINITY : MOST_CONTEXTS * contextLength;
  const isText = typeof prompt === 'string';
  const given = isText ? tokenizer().encodeUpTo(prompt, most, { allowedSpecial }) : prompt;
  if (isText && given === undefined) {
    throw new Gpt2Error(
      'context-full',
      `the text has more than ${most} tokens and the model's context ${contextLength}; ${advice}`,
    );
  }
  const ids = idList(given, 'the prompt', TEXT_OR_IDS, vocabSize);
  if (ids.length > 0) return ids;
  const start = startTokenOf(config);
  if (start !== undefined) return [start];
  throw new Gpt2Error(
    'invalid-option',
    'the prompt is empty and the model has no beginning-of-text token to start from; give at least one token',
  );
}
