import type { Span } from './examination.js';
import type { TokenTexts } from './token_texts.js';

/** All characters of Unicode's White_Space are one code unit. */
const SPACE = /\p{White_Space}/u;

/** The first place from `from` on, before `to`, that has no white space; `to` if there is none. */
export function skipSpace(text: string, from: number, to = text.length): number {
  let at = from;
  while (at < to && SPACE.test(text[at]!)) at++;
  return at;
}

/** A run of tokens, and its characters without the white space around them. */
export function spanOf({ text, offsets }: TokenTexts, firstToken: number, tokenCount: number): Span {
  let end = offsets[firstToken + tokenCount]!;
  const start = skipSpace(text, offsets[firstToken]!, end);
  while (end > start && SPACE.test(text[end - 1]!)) end--;
  return { text: text.slice(start, end), start, end, firstToken, tokenCount };
}

/** Calls `make` with the first token and the number of tokens of each run; `starts` are those of the runs. */
export function eachRun<T>(
  starts: readonly number[],
  count: number,
  make: (first: number, tokens: number, index: number) => T,
): T[] {
  return starts.map((first, i) => make(first, (starts[i + 1] ?? count) - first, i));
}
