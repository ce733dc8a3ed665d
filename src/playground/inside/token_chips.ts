import { make } from '../page/dom.js';
import { Roving } from './roving.js';
import { shade } from './shade.js';
import type { TokenNames } from './token_names.js';

/** The tokens of a text as a row of buttons, one of which is chosen. Each has the token's id below its text. */
export class TokenChips {
  readonly element = make('div', { class: 'chips', role: 'group', 'aria-label': 'Tokens' });
  readonly #roving = new Roving(this.element);
  readonly #onChoose: (index: number) => void;
  readonly #onPoint: (index: number | undefined) => void;
  #chips: HTMLButtonElement[] = [];
  #ids: readonly number[] = [];
  #names: TokenNames | undefined;
  #chosen: HTMLButtonElement | undefined;
  readonly #describedBy: string;

  /**
   * `onPoint` is called with the token at the pointer or with the focus, and without one when the pointer leaves.
   * `describedBy` is the id of the element that it fills.
   */
  constructor(
    onChoose: (index: number) => void,
    onPoint: (index: number | undefined) => void,
    describedBy: string,
  ) {
    this.#onChoose = onChoose;
    this.#onPoint = onPoint;
    this.#describedBy = describedBy;
    this.element.addEventListener('pointerleave', () => onPoint(undefined));
  }

  /** Shows the tokens. Those at the beginning that are the same keep their elements, since texts grow at the end. */
  show(ids: readonly number[], names: TokenNames): void {
    let same = 0;
    if (names === this.#names) while (same < ids.length && ids[same] === this.#ids[same]) same++;
    if (same === ids.length && same === this.#ids.length) return;
    for (const chip of this.#chips.slice(same)) chip.remove();
    const added = ids.slice(same).map((id, i) => this.#chip(same + i, id, names.nameOf(id)));
    this.element.append(...added);
    this.#chips = [...this.#chips.slice(0, same), ...added];
    this.#ids = ids;
    this.#names = names;
    this.#roving.set([this.#chips], this.#chips.at(-1)!);
  }

  #chip(index: number, id: number, name: string): HTMLButtonElement {
    const chip = make(
      'button',
      {
        ...{ type: 'button', class: 'chip', 'aria-pressed': 'false' },
        ...{ 'aria-label': `token ${index + 1}: ${name} ${id}`, 'aria-describedby': this.#describedBy },
      },
      make('span', { class: 'token' }, name),
      ' ',
      make('span', { class: 'id' }, String(id)),
    );
    chip.addEventListener('click', () => this.#onChoose(index));
    chip.addEventListener('pointerenter', () => this.#onPoint(index));
    chip.addEventListener('focus', () => this.#onPoint(index));
    return chip;
  }

  choose(index: number): void {
    this.#chosen?.setAttribute('aria-pressed', 'false');
    this.#chosen = this.#chips[index];
    this.#chosen?.setAttribute('aria-pressed', 'true');
  }

  /** Colours the tokens by weights from 0 to 1. */
  shade(weights: ArrayLike<number>): void {
    for (const [i, chip] of this.#chips.entries()) shade(chip, weights[i] ?? 0);
  }
}
