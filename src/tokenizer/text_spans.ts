import type { TokenTexts } from './token_texts.js';

/** A run of tokens in a text. */
export interface TextSpan {
  /** The characters, without white space around them. */
  readonly text: string;
  /** Offset of `text` in the whole text, in UTF-16 code units. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  /** Index of its first token. White space before a word or sentence is part of its tokens. */
  readonly firstToken: number;
  /** How many tokens it has. */
  readonly tokenCount: number;
}

/** All characters of Unicode's White_Space are one code unit. */
const SPACE = /\p{White_Space}/u;

/** The first place from `from` on, before `to`, that has no white space; `to` if there is none. */
export function skipSpace(text: string, from: number, to = text.length): number {
  let at = from;
  while (at < to && SPACE.test(text[at]!)) at++;
  return at;
}

/** A run of tokens, and its characters without the white space around them. */
export function spanOf({ text, offsets }: TokenTexts, firstToken: number, tokenCount: number): TextSpan {
  let end = offsets[firstToken + tokenCount]!;
  const start = skipSpace(text, offsets[firstToken]!, end);
  while (end > start && SPACE.test(text[end - 1]!)) end--;
  return { text: text.slice(start, end), start, end, firstToken, tokenCount };
}
