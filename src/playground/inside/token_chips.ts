import { make } from '../page/dom.js';
import { Roving } from './roving.js';
import type { TokenNames } from './token_names.js';

/** The tokens of a text as a row of buttons, one of which is chosen. Each has the token's id below its text. */
export class TokenChips {
  readonly element = make('div', { class: 'chips', role: 'group', 'aria-label': 'Tokens' });
  readonly #roving = new Roving(this.element);
  readonly #onChoose: (index: number) => void;
  readonly #onPoint: (index: number | undefined) => void;
  #chips: HTMLButtonElement[] = [];

  /** `onPoint` is called with the token at the pointer or with the focus, and without one when the pointer leaves. */
  constructor(onChoose: (index: number) => void, onPoint: (index: number | undefined) => void) {
    this.#onChoose = onChoose;
    this.#onPoint = onPoint;
    this.element.addEventListener('pointerleave', () => onPoint(undefined));
  }

  show(ids: readonly number[], names: TokenNames): void {
    this.#chips = ids.map((id, i) => {
      const name = names.nameOf(id);
      const chip = make(
        'button',
        { type: 'button', class: 'chip', 'aria-label': `token ${i + 1}: ${name}, id ${id}` },
        make('span', { class: 'token' }, name),
        make('span', { class: 'id' }, String(id)),
      );
      chip.addEventListener('click', () => this.#onChoose(i));
      chip.addEventListener('pointerenter', () => this.#onPoint(i));
      chip.addEventListener('focus', () => this.#onPoint(i));
      return chip;
    });
    this.element.replaceChildren(...this.#chips);
    this.#roving.set([this.#chips], this.#chips.at(-1)!);
  }

  choose(index: number): void {
    for (const [i, chip] of this.#chips.entries()) chip.setAttribute('aria-pressed', String(i === index));
  }

  /** Colours the tokens by weights from 0 to 1. */
  shade(weights: ArrayLike<number>): void {
    for (const [i, chip] of this.#chips.entries())
      chip.style.setProperty('--weight', String(weights[i] ?? 0));
  }
}
