import { percentOf } from '../../examine/report/percent.js';
import type { Patches } from '../../vision/patches.js';
import { longTable } from '../examine/long_table.js';
import { Roving } from '../inside/roving.js';
import { make } from '../page/dom.js';
import { lookOf, lookText } from './places.js';
import type { Word } from './words.js';

const HINT = 'Point at a word, or go to it with the keys, to see where the model looked when it wrote it.';

/** The words of a caption, each of which says where it looks, and lights up the patches there. */
export class CaptionWords {
  readonly element: HTMLElement;
  readonly #row = make('div', { class: 'words', role: 'group', 'aria-label': 'Caption' });
  readonly #where = make('p', { class: 'figures-of-token' });
  readonly #table = make('details', {}, make('summary', {}, 'As a table'));
  readonly #roving = new Roving(this.#row);
  readonly #onLight: (word: Word | undefined) => void;
  #buttons: HTMLButtonElement[] = [];
  #words: readonly Word[] = [];
  #patches: Patches = { rows: 1, columns: 1 };
  /** The word that stays lit. */
  #chosen: number | undefined;

  /** `onLight` is called with the word whose patches light up; `undefined` if none does. */
  constructor(onLight: (word: Word | undefined) => void) {
    this.#onLight = onLight;
    this.#row.addEventListener('pointerleave', () => this.#light(this.#chosen));
    this.#row.addEventListener('focusout', () => this.#light(this.#chosen));
    this.#table.addEventListener('toggle', () => this.#showTable());
    this.element = make('div', { class: 'caption', hidden: true }, this.#row, this.#where, this.#table);
  }

  /** The caption. */
  get text(): string {
    return this.#words.map(({ text }) => text).join(' ');
  }

  clear(): void {
    this.element.hidden = true;
    for (const button of this.#buttons) button.remove();
    this.#buttons = [];
    this.#words = [];
    this.#chosen = undefined;
    this.#light(undefined);
  }

  /** Shows a caption that may still grow: words that stay the same keep their elements, and the last one lights up. */
  grow(words: readonly Word[], patches: Patches): void {
    this.#patches = patches;
    let same = 0;
    while (same < this.#buttons.length && this.#words[same]?.text === words[same]?.text) same++;
    for (const button of this.#buttons.splice(same)) button.remove();
    this.#words = words;
    for (let i = same; i < words.length; i++) this.#buttons.push(this.#button(i));
    this.#row.append(...this.#buttons.slice(same));
    this.element.hidden = words.length === 0;
    if (words.length > 0) this.#roving.set([this.#buttons], this.#buttons[0]!);
    this.#light(words.length - 1);
  }

  /** The caption has ended. */
  end(): void {
    for (const [i, button] of this.#buttons.entries()) {
      button.setAttribute('aria-label', `${this.#words[i]!.text}, looks ${this.#lookText(i)}`);
    }
    this.#light(undefined);
    this.#showTable();
  }

  #button(index: number): HTMLButtonElement {
    const button = make('button', { type: 'button', class: 'word', 'aria-pressed': 'false' });
    button.textContent = this.#words[index]!.text;
    button.addEventListener('pointerenter', () => this.#light(index));
    button.addEventListener('focus', () => this.#light(index));
    button.addEventListener('click', () => this.#choose(index));
    return button;
  }

  #choose(index: number): void {
    this.#chosen = index === this.#chosen ? undefined : index;
    for (const [i, button] of this.#buttons.entries()) {
      button.setAttribute('aria-pressed', String(i === this.#chosen));
    }
    this.#light(this.#chosen);
  }

  #light(index: number | undefined): void {
    const word = index === undefined ? undefined : this.#words[index];
    if (word === undefined) this.#where.textContent = HINT;
    else this.#where.replaceChildren(make('b', {}, word.text), ` looks ${this.#lookText(index!)}.`);
    for (const [i, button] of this.#buttons.entries()) button.classList.toggle('lit', i === index);
    this.#onLight(word);
  }

  #lookText(index: number): string {
    return lookText(lookOf(this.#words[index]!.weights, this.#patches));
  }

  #showTable(): void {
    if (!this.#table.open || this.#words.length === 0) return;
    const rows = this.#words.map(({ text, weights }) => ({ text, look: lookOf(weights, this.#patches) }));
    const table = longTable(
      'Where each word looks',
      [
        { heading: 'Word', cell: ({ text }) => text },
        { heading: 'Looks', cell: ({ look }) => lookText(look) },
        { heading: 'At no place', isNumber: true, cell: ({ look }) => percentOf(look.whole) },
      ],
      rows,
    );
    this.#table.replaceChildren(this.#table.firstElementChild!, table);
  }
}
