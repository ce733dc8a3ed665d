import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error } from '../base/errors.js';
import { idList } from '../base/id_list.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ResolvedOptions } from './resolved_options.js';

/** Text, or token ids of the model's vocabulary. */
export type Prompt = string | ArrayLike<number>;

/** How the text of a prompt is encoded. */
export interface TextLimits {
  readonly allowedSpecial?: ResolvedOptions['allowedSpecial'];
  /** Advice in the error for a much too long text; `undefined` if a text may be that long. */
  readonly advice?: string | undefined;
  /** Whether a prompt without tokens stays so, since vectors come before it. */
  readonly mayBeEmpty?: boolean | undefined;
}

/**
 * A text with more tokens than this many contexts is refused before it is encoded to its end: it may have
 * many MB, and the event loop waits meanwhile. Token healing may shorten a prompt, but never by that much.
 */
const MOST_CONTEXTS = 4;

const TEXT_OR_IDS = 'a string or an array of token ids';

/** The token that begins a text: the model's beginning-of-text token, or else its end-of-text token. */
export function startTokenOf({ bosTokenId, eosTokenIds }: ModelConfig): number | undefined {
  return bosTokenId ?? eosTokenIds[0];
}

/** The text itself, or checked token ids; both may be empty. Throws `invalid-option`. */
export function appendedText(text: Prompt, { vocabSize }: ModelConfig): string | number[] {
  return typeof text === 'string' ? text : idList(text, 'the appended text', TEXT_OR_IDS, vocabSize);
}

/**
 * The tokens of a prompt, at least one (but see `mayBeEmpty`): an empty prompt becomes the model's beginning-of-text token, or else
 * its end-of-text token. `tokenizer` is called only if the prompt is a text.
 *
 * Throws `invalid-option` for anything else, for ids outside the vocabulary, and for an empty prompt if the
 * model has neither token; `context-full`, with `advice`, for a much too long text.
 */
export function promptTokens(
  prompt: Prompt,
  config: ModelConfig,
  tokenizer: () => Tokenizer,
  { allowedSpecial = 'none', advice, mayBeEmpty }: TextLimits = {},
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
  if (ids.length > 0 || mayBeEmpty) return ids;
  const start = startTokenOf(config);
  if (start !== undefined) return [start];
  throw new Gpt2Error(
    'invalid-option',
    'the prompt is empty and the model has no beginning-of-text token; give at least one token',
  );
}
