import type { Examination } from '../text/examination.js';

export type ExaminedToken = Examination['tokens'][number];
export type ExaminedWord = Examination['words'][number];
export type ExaminedSentence = Examination['sentences'][number];

/** A part of a text; offsets are in UTF-16 units, `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span without the white space and the punctuation around its word. */
export function trimmed(text: string, { start, end }: Span): Span {
  const word = text.slice(start, end);
  const from = word.search(/[\p{L}\p{N}]/u);
  if (from === -1) return { start, end: start };
  const { length } = word.replace(/[^\p{L}\p{N}\p{M}]+$/u, '');
  return { start: start + from, end: start + length };
}

/** Index of the token with the character at an offset; -1 if there is none. */
export function tokenAt(tokens: readonly Span[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  const token = tokens[low];
  return token !== undefined && token.start <= offset ? low : -1;
}

/** The sentence with the character at an offset, or else all of the text. */
export function sentenceAt(text: string, sentences: readonly Span[], offset: number): Span {
  const { start, end } = sentences[tokenAt(sentences, offset)] ?? { start: 0, end: text.length };
  return { start, end };
}
