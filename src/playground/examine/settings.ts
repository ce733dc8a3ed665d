import { COLOURINGS, type Colouring, LEGENDS } from '../../examine/report/levels.js';
import { classOf } from '../../examine/report/palette.js';
import { make } from '../page/dom.js';
import { numberField, numberIn } from '../sampling/number_field.js';
import { type LinkState, MOST_SEED } from './link.js';

const MEANINGS: Readonly<Record<Colouring, string>> = {
  rank: 'The place of each token among all tokens, by how likely the model finds them.',
  probability: 'How likely the model finds each token.',
  entropy: 'How unsure the model is at each token.',
};

/** How a text is examined and coloured. */
export class Settings {
  readonly element: HTMLElement;
  readonly #onColouring: (colouring: Colouring) => void;
  readonly #colouring: HTMLSelectElement;
  readonly #start = make('input', { type: 'checkbox', id: 'examine-start', checked: true });
  readonly #seed = numberField('examine-seed', { min: 0, max: MOST_SEED, step: 1 });
  readonly #meaning = make('p', { class: 'meaning', id: 'examine-meaning' });
  readonly #legend = make('p', { class: 'legend' });

  /** `onColouring` is called with the measure, now and when another one is chosen. */
  constructor(onColouring: (colouring: Colouring) => void) {
    this.#onColouring = onColouring;
    const options = COLOURINGS.map((name) => make('option', { value: name }, name));
    this.#colouring = make(
      'select',
      { id: 'examine-colours', 'aria-describedby': 'examine-meaning' },
      ...options,
    );
    this.#colouring.addEventListener('change', () => this.#showColours());
    this.#seed.value = '0';
    this.#showColours();
    this.element = make(
      'div',
      { class: 'settings' },
      make(
        'div',
        { class: 'control' },
        make('label', { for: 'examine-colours' }, 'Colours'),
        this.#colouring,
        this.#meaning,
        this.#legend,
      ),
      make(
        'div',
        { class: 'control' },
        make('label', { for: 'examine-seed' }, 'Seed of exercises'),
        this.#seed,
        make('label', { class: 'check', for: 'examine-start' }, this.#start, 'Score the first token too'),
      ),
    );
  }

  get colouring(): Colouring {
    return this.#colouring.value as Colouring;
  }

  get start(): boolean {
    return this.#start.checked;
  }

  get seed(): number {
    return numberIn(this.#seed, 0, true);
  }

  set({ colouring, start, seed }: Partial<LinkState>): void {
    if (colouring !== undefined) this.#colouring.value = colouring;
    if (start !== undefined) this.#start.checked = start;
    if (seed !== undefined) this.#seed.value = String(seed);
    this.#showColours();
  }

  #showColours(): void {
    const { colouring } = this;
    const entries = LEGENDS[colouring].map(([level, meaning]) =>
      make('span', { class: classOf(colouring, level) }, meaning),
    );
    this.#meaning.textContent = MEANINGS[colouring];
    this.#legend.replaceChildren(...entries);
    this.#onColouring(colouring);
  }
}
