import { checkArray } from '../../../base/check_lists.js';
import { invalidOption } from '../../../base/check_options.js';

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u;

/**
 * A list of words and phrases that texts are searched for, whatever the case, the marks between words, and the form of
 * Unicode: whole words, but parts of them in scripts without spaces. A text is read once for a phrase of any length.
 */
export class Lexicon {
  readonly #phrases = new Set<string>();
  readonly #parts: string[] = [];
  /** Words of the longest phrase. */
  #longest = 1;

  /** Throws `invalid-option` if `words` are no texts, or none of them has a letter or a digit. */
  constructor(words: readonly string[]) {
    const right = 'an array of words';
    checkArray('words', words, right, (word) => typeof word === 'string');
    for (const word of words) {
      const found = wordsOf(word);
      if (found.length === 0) continue;
      if (UNSPACED.test(word)) this.#parts.push(folded(word).trim());
      else {
        this.#phrases.add(found.join(' '));
        this.#longest = Math.max(this.#longest, found.length);
      }
    }
    if (this.#phrases.size + this.#parts.length === 0) throw invalidOption('words', words, right);
  }

  /** Whether a text has a word of the list. */
  isIn(text: string): boolean {
    const words = wordsOf(text);
    return words.some((_, i) => this.#beginsAt(words, i)) || this.#hasPart(text);
  }

  /** Whether the first words of a text are on the list. */
  begins(text: string): boolean {
    if (this.#beginsAt(wordsOf(text), 0)) return true;
    const start = folded(text).trimStart();
    return this.#parts.some((part) => start.startsWith(part));
  }

  #beginsAt(words: readonly string[], start: number): boolean {
    const most = Math.min(this.#longest, words.length - start);
    for (let count = 1; count <= most; count++) {
      if (this.#phrases.has(words.slice(start, start + count).join(' '))) return true;
    }
    return false;
  }

  #hasPart(text: string): boolean {
    if (this.#parts.length === 0) return false;
    const whole = folded(text);
    return this.#parts.some((part) => whole.includes(part));
  }
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function wordsOf(text: string): string[] {
  return folded(text).match(WORD) ?? [];
}
