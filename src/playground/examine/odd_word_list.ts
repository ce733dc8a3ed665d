import { threeDigits } from '../../base/human_bytes.js';
import type { OddWord } from '../../examine/tutoring/odd_words.js';
import { make } from '../page/dom.js';

/** Characters of the text that are shown before and after a word. */
const AROUND = 40;

/** Words that do not fit a text, each with buttons that put a suggestion in its place. */
export class OddWordList {
  readonly element: HTMLElement;
  readonly #onChange: (text: string) => void;
  readonly #lengths: readonly number[];
  #text: string;
  /** Current offsets of the words, which move as words are replaced. */
  #starts: number[];

  /** `onChange` gets the text after each replacement. */
  constructor(text: string, words: readonly OddWord[], onChange: (text: string) => void) {
    this.#text = text;
    this.#onChange = onChange;
    this.#starts = words.map(({ start }) => start);
    this.#lengths = words.map(({ start, end }) => end - start);
    const items = words.map((word, i) => this.#item(word, i));
    this.element = make('ol', { class: 'odd' }, ...items);
  }

  #item({ start, end, word, surprisal, suggestions }: OddWord, index: number): HTMLElement {
    const before = this.#text.slice(Math.max(0, start - AROUND), start);
    const after = this.#text.slice(end, end + AROUND);
    const mark = make('mark', {}, word);
    const buttons = suggestions.map(({ text, gain }) => {
      const bits = `${threeDigits(gain)} bits likelier`;
      const button = make('button', { type: 'button', title: bits }, text);
      button.addEventListener('click', () => {
        this.#replace(index, text);
        mark.textContent = text;
        for (const other of buttons) other.disabled = true;
      });
      return button;
    });
    return make(
      'li',
      {},
      make('p', { class: 'read', dir: 'auto' }, before, mark, after),
      make('p', { class: 'meaning' }, `${threeDigits(surprisal)} bits. Instead:`),
      make('div', { class: 'row' }, ...buttons),
    );
  }

  #replace(index: number, word: string): void {
    const start = this.#starts[index]!;
    const length = this.#lengths[index]!;
    this.#text = this.#text.slice(0, start) + word + this.#text.slice(start + length);
    const moved = word.length - length;
    this.#starts = this.#starts.map((other) => (other > start ? other + moved : other));
    this.#onChange(this.#text);
  }
}
