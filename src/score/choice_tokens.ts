import type { ModelConfig } from '../architecture/gpt2/config.js';
import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { idList } from '../base/id_list.js';
import { type Prompt, promptTokens } from '../generate/prompt.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** Texts with more tokens than this many contexts are not encoded to their ends. */
const MOST_CONTEXTS = 2;

/** Checked choices: all texts, or all lists of token ids. */
export type Choices = readonly string[] | readonly number[][];

/** A prompt and its choices as tokens. */
export interface ContextAndChoices {
  readonly context: readonly number[];
  /** At least one token each. */
  readonly choices: readonly (readonly number[])[];
}

/** Copies of choices. Throws `invalid-option` if there are none, for empty ones, and for texts beside ids. */
export function checkedChoices(choices: unknown, { vocabSize }: ModelConfig): Choices {
  if (!Array.isArray(choices) || choices.length === 0) {
    throw invalidOption('choices', choices, 'a list of one or more texts or lists of token ids');
  }
  const areTexts = typeof choices[0] === 'string';
  const right = areTexts ? 'a text, as choices[0] is' : 'an array of token ids, as choices[0] is';
  // Array.from also visits the holes of an array, which `map` would skip.
  return Array.from(choices, (choice, i) => {
    const name = `choices[${i}]`;
    if (areTexts && typeof choice !== 'string') throw invalidOption(name, choice, right);
    const copy = areTexts ? choice : idList(choice, name, right, vocabSize);
    if (copy.length === 0) throw new Gpt2Error('invalid-option', `${name} is empty; leave it out`);
    return copy;
  }) as Choices;
}

/**
 * Encodes a prompt and what may follow it; see `Model.choose`. Throws `invalid-option`, and `context-full` if a
 * choice does not fit after the prompt.
 */
export function encodeChoices(
  prompt: Prompt,
  choices: Choices,
  config: ModelConfig,
  tokenizer: Tokenizer,
): ContextAndChoices {
  const areTexts = typeof prompt === 'string' && typeof choices[0] === 'string';
  const { text, spaces } = areTexts ? withoutSpaces(prompt) : { text: prompt, spaces: '' };
  const context = promptTokens(text, config, () => tokenizer, { advice: 'shorten it' });
  const isRead = typeof text === 'string' && text !== '';
  const { contextLength } = config;
  const tooLong = (i: number) =>
    new Gpt2Error(
      'context-full',
      `the prompt and choices[${i}] do not fit the model's context of ${contextLength} tokens; shorten one of them`,
    );
  const encode = (choice: string, i: number) => {
    const most = MOST_CONTEXTS * contextLength;
    const ids = (given: string) => {
      const encoded = tokenizer.encodeUpTo(given, most);
      if (encoded === undefined) throw tooLong(i);
      return encoded;
    };
    return isRead ? following(text, context, spaces + choice, ids) : ids(spaces + choice);
  };
  const encoded = Array.from(choices as readonly Prompt[], (choice, i) => {
    const tokens = typeof choice === 'string' ? encode(choice, i) : Array.from(choice);
    if (tokens.length === 0) throw invalidOption(`choices[${i}]`, choice, 'a text that has tokens');
    // The last token is scored, but not evaluated.
    if (context.length + tokens.length - 1 > contextLength) throw tooLong(i);
    return tokens;
  });
  return { context, choices: encoded };
}

/** A prompt and the white space at its end, which is written by the tokens of the words after it. */
export function withoutSpaces(prompt: string): { readonly text: string; readonly spaces: string } {
  const text = prompt.trimEnd();
  return { text, spaces: prompt.slice(text.length) };
}

/**
 * The tokens of a text after those of `before`: as in both together, or, where a token would cross the border,
 * those of the text alone.
 */
export function following(
  before: string,
  context: readonly number[],
  text: string,
  encode: (text: string) => number[],
): number[] {
  const both = encode(before + text);
  const isApart = both.length > context.length && context.every((id, i) => both[i] === id);
  return isApart ? both.slice(context.length) : encode(text);
}
