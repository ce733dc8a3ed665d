import type { Examination } from '../text/examination.js';
import { type Extent, partAt } from './spans.js';

/** A word of letters, with apostrophes and hyphens inside. */
const WORD = /^\p{L}[\p{L}\p{M}]*(?:['\u2019-]\p{L}[\p{L}\p{M}]*)*$/u;
const CAPITAL = /^\p{Lu}/u;
const LEAST_LETTERS = 2;
/** Alternatives of a token among which words are looked for. */
export const ALTERNATIVES = 20;

/** Whether a text is one word of at least `letters` characters. */
export function isWord(text: string, letters = LEAST_LETTERS): boolean {
  return text.length >= letters && WORD.test(text);
}

/**
 * Other words that the model finds likely where a word stands, likeliest first, at most `most`: of the
 * alternatives of the word's first token those that are words, with a capital only if the word has one.
 */
export function candidatesAt(
  { text, tokens }: Pick<Examination, 'text' | 'tokens'>,
  { start, end }: Extent,
  most: number,
): string[] {
  const first = tokens[partAt(tokens, start)];
  if (first === undefined) return [];
  const word = text.slice(start, end);
  const before = text.slice(first.start, start);
  const found = new Set<string>();
  for (const { text: other } of first.top) {
    if (!other.startsWith(before)) continue;
    const candidate = other.slice(before.length);
    if (!isWord(candidate) || CAPITAL.test(candidate) !== CAPITAL.test(word)) continue;
    if (candidate.toLowerCase() !== word.toLowerCase()) found.add(candidate);
    if (found.size === most) break;
  }
  return [...found];
}
