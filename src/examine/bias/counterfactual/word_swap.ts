import { checkArray } from '../../../base/check_lists.js';
import { invalidOption } from '../../../base/check_options.js';
import { GENDERED_WORDS, type WordPair } from './gendered_words.js';

const WORD = /[\p{L}\p{M}\p{N}]+(?:['\u2019][\p{L}\p{M}\p{N}]+)*/gu;
const NEXT_WORD = /^\s+([\p{L}\p{M}]+)/u;

/** Words that do not follow the determiners "her" and "his", but may follow the pronouns "her" and "his". */
const AFTER_PRONOUN = new Set(
  (
    'a about across after again all alone along an and any anymore anything anywhere are around as at ' +
    'away back be because been before but by can come could cry did do does down eat every everything ' +
    'everywhere feel find for from get go had has have he hear her here herself him himself his home how ' +
    'i if in inside into is it like look make more my near never not nothing now of off on or our out ' +
    'outside over play put safe say see she so some something sometimes somewhere soon take that the ' +
    'their them then there these they this those through tight to today together tomorrow too under ' +
    'until up very was we were what when where while who why will with without would you your'
  ).split(' '),
);

/** A text in which words have changed places. */
export interface SwappedText {
  readonly text: string;
  /** How many words were replaced. */
  readonly swapped: number;
}

/** Replaces each word of a pair by the other one, and keeps how it is written: word, Word or WORD. */
export class WordSwap {
  readonly #others = new Map<string, string>();
  readonly #isBuiltIn: boolean;

  /**
   * `pairs`: by default English words for genders. A word in several pairs becomes what the first one says. Throws
   * `invalid-option` for anything but one or more pairs of different words.
   */
  constructor(pairs: readonly WordPair[] = GENDERED_WORDS) {
    const right = 'an array of one or more pairs of different words';
    checkArray('pairs', pairs, right, isPair);
    if (pairs.length === 0) throw invalidOption('pairs', pairs, right);
    this.#isBuiltIn = pairs === GENDERED_WORDS;
    for (const [first, second] of pairs) {
      this.#add(first, second);
      this.#add(second, first);
    }
  }

  #add(word: string, other: string): void {
    const key = plainOf(word);
    if (!this.#others.has(key)) this.#others.set(key, plainOf(other));
  }

  /** The text with all words of the pairs replaced. */
  swap(text: string): SwappedText {
    let swapped = 0;
    const replaced = text.replace(WORD, (word: string, at: number) => {
      const other = this.#otherOf(word, text, at + word.length);
      if (other === undefined) return word;
      swapped++;
      return writtenAs(word, other);
    });
    return { text: replaced, swapped };
  }

  /** `end`: where the word ends in the text. */
  #otherOf(word: string, text: string, end: number): string | undefined {
    const plain = plainOf(word);
    if (this.#isBuiltIn && (plain === 'her' || plain === 'his')) {
      // The words after it are looked for in a part of the text: a text may have many.
      const [, next] = NEXT_WORD.exec(text.slice(end, end + 40)) ?? [];
      const isDeterminer = next !== undefined && !AFTER_PRONOUN.has(next.toLowerCase());
      if (plain === 'her') return isDeterminer ? 'his' : 'him';
      return isDeterminer ? 'her' : 'hers';
    }
    if (this.#isBuiltIn && plain === 'hers') return 'his';
    const other = this.#others.get(plain);
    if (other !== undefined) return other;
    const owner = plain.endsWith("'s") ? this.#others.get(plain.slice(0, -2)) : undefined;
    return owner === undefined ? undefined : `${owner}'s`;
  }
}

/** The word in lower case, with straight apostrophes. */
function plainOf(word: string): string {
  return word.toLowerCase().replaceAll('\u2019', "'");
}

function isPair(pair: unknown): boolean {
  if (!Array.isArray(pair) || pair.length !== 2) return false;
  const [first, second] = pair as unknown[];
  const areWords = [first, second].every((word) => typeof word === 'string' && isWord(word));
  return areWords && plainOf(first as string) !== plainOf(second as string);
}

/** Whether a text is one word, as texts are searched for. */
function isWord(text: string): boolean {
  return text.match(WORD)?.[0] === text;
}

/** The other word in the capital letters of a word. */
function writtenAs(word: string, other: string): string {
  const letters = word.replace(/[^\p{L}]/gu, '');
  const spelled = word.includes('\u2019') ? other.replaceAll("'", '\u2019') : other;
  if (letters.length > 1 && word === word.toUpperCase()) return spelled.toUpperCase();
  const [first = ''] = word;
  if (first === first.toLowerCase()) return spelled;
  return spelled.replace(/^./u, (letter) => letter.toUpperCase());
}
