import { RandomStream } from '../../base/random.js';

/** A kind of typos: two letters change places, a letter is missing, a letter is there twice. */
export type TypoKind = 'swap' | 'drop' | 'double';

export const TYPO_KINDS = ['swap', 'drop', 'double'] as const satisfies readonly TypoKind[];

/** A text with typos. */
export interface MisspeltText {
  readonly text: string;
  /** Number of words with a typo. */
  readonly typos: number;
}

/** A word has at least two letters; marks such as accents belong to the letter before them. */
const LETTER = String.raw`\p{L}\p{M}*`;
const WORDS = new RegExp(`(?:${LETTER}){2,}`, 'gu');
const LETTERS = new RegExp(LETTER, 'gu');

/**
 * Puts typos of a kind into a text: each word of at least two letters gets one with the probability `rate`, at a
 * random letter. The same seed gives the same typos everywhere, and a lower rate a part of those of a higher one.
 */
export function withTypos(text: string, kind: TypoKind, rate: number, seed: number): MisspeltText {
  const random = new RandomStream(seed, TYPO_KINDS.indexOf(kind));
  let typos = 0;
  const misspelt = text.replace(WORDS, (word) => {
    // Both numbers are drawn for each word, so that the others do not depend on the rate.
    const [chance, place] = [random.next(), random.next()];
    if (chance >= rate) return word;
    const changed = misspeltWord(word.match(LETTERS)!, kind, place);
    if (changed !== word) typos++;
    return changed;
  });
  return { text: misspelt, typos };
}

/** `place` is from 0 to below 1. */
function misspeltWord(letters: readonly string[], kind: TypoKind, place: number): string {
  const choices = kind === 'swap' ? letters.length - 1 : letters.length;
  const i = Math.floor(place * choices);
  const before = letters.slice(0, i);
  const [letter, ...after] = letters.slice(i) as [string, ...string[]];
  if (kind === 'drop') return [...before, ...after].join('');
  if (kind === 'double') return [...before, letter, letter, ...after].join('');
  return [...before, after[0], letter, ...after.slice(1)].join('');
}
