import type { Examination } from '../text/examination.js';
import { isWord } from './candidates.js';
import { bare, bitsIn, type Extent, partAt } from './spans.js';

/** Which words may be asked. */
export interface ClozeBounds {
  /** Least and most surprisal of a word without its punctuation, in bits. */
  readonly minBits: number;
  readonly maxBits: number;
  /** Most rank of the first token of a word. */
  readonly maxRank: number;
  /** Least number of letters. */
  readonly minLetters: number;
  /** Least number of words from one blank to the next. */
  readonly spacing: number;
}

/** A word to ask. */
export interface ClozeWord extends Extent {
  /** Index among the words of the text. */
  readonly index: number;
  readonly surprisal: number;
  /** Rank of its first token. */
  readonly rank: number;
}

/**
 * The words that an exercise can ask, best first. A word can be asked if it consists of letters, is not the
 * first of the text, and its surprisal and rank are in the bounds. The best are those nearest to the middle of
 * the bounds of surprisal.
 */
export function wordsToAsk(
  { text, tokens, words }: Examination,
  { minBits, maxBits, maxRank, minLetters }: ClozeBounds,
): ClozeWord[] {
  const found: ClozeWord[] = [];
  for (const [index, word] of words.entries()) {
    const extent = bare(text, word);
    if (index === 0 || !isWord(text.slice(extent.start, extent.end), minLetters)) continue;
    const surprisal = bitsIn(tokens, extent);
    const rank = tokens[partAt(tokens, extent.start)]?.rank;
    if (surprisal === undefined || rank === undefined) continue;
    if (surprisal < minBits || surprisal > maxBits || rank > maxRank) continue;
    found.push({ ...extent, index, surprisal, rank });
  }
  const middle = (minBits + maxBits) / 2;
  const distance = ({ surprisal }: ClozeWord) => Math.abs(surprisal - middle);
  return found.sort((a, b) => distance(a) - distance(b) || a.index - b.index);
}

/** The best `count` words with at least `spacing` words from one to the next, in the order of the text. */
export function spread(words: readonly ClozeWord[], count: number, spacing: number): ClozeWord[] {
  const chosen: ClozeWord[] = [];
  for (const word of words) {
    if (chosen.length === count) break;
    if (chosen.every(({ index }) => Math.abs(index - word.index) >= spacing)) chosen.push(word);
  }
  return chosen.sort((a, b) => a.index - b.index);
}
