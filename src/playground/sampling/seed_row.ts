import { make } from '../page/dom.js';
import { numberField, numberIn } from './number_field.js';

const MOST_DRAWN = 2 ** 32 - 1;

/** A row with the seed, and whether the next generation uses it again. */
export class SeedRow {
  readonly #seed = numberField('seed', { min: 0, max: Number.MAX_SAFE_INTEGER, step: 1 });
  readonly #keep = make('input', { id: 'keep-seed', type: 'checkbox' });
  readonly element = make(
    'div',
    { class: 'control' },
    make('label', { for: 'seed' }, 'Seed'),
    this.#seed,
    make('label', { class: 'check' }, this.#keep, 'Keep this seed'),
    make('p', { id: 'seed-meaning', class: 'meaning' }, 'The same seed gives the same text again.'),
  );

  constructor() {
    this.#seed.setAttribute('aria-describedby', 'seed-meaning');
    this.#seed.addEventListener('input', () => {
      this.#keep.checked = this.#seed.value !== '';
    });
  }

  /** The seed to keep; '' if each generation draws another one. */
  get kept(): string {
    return this.#keep.checked ? this.#seed.value : '';
  }

  set kept(seed: string) {
    this.#seed.value = seed;
    this.#keep.checked = seed !== '';
  }

  /** Draws a seed for each generation from now on. The last seed stays visible. */
  release(): void {
    this.#keep.checked = false;
  }

  /** The seed that is shown: that of the latest generation. */
  get shown(): number {
    return numberIn(this.#seed, 0, true);
  }

  /** The seed of the next generation, which is shown. */
  next(): number {
    if (!this.#keep.checked || this.#seed.value === '') {
      this.#seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0]! % (MOST_DRAWN + 1));
    }
    this.#seed.value = String(this.shown);
    return this.shown;
  }
}
