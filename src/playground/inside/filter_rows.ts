import { make } from '../page/dom.js';
import { numberField, numberIn } from '../sampling/number_field.js';
import { OptionRow } from '../sampling/option_row.js';
import { SAMPLING_OPTIONS } from '../sampling/options.js';
import type { Filters } from './next_tokens.js';

const NAMES = ['temperature', 'topK', 'topP'] as const;
const MOST_SEED = 2 ** 32 - 1;

const explanation = () =>
  make(
    'details',
    { class: 'explanation' },
    make('summary', {}, 'What are these?'),
    make(
      'p',
      { class: 'meaning' },
      'Temperature: at 0 the likeliest token always comes. At 1 the bars are what the model computes. Above 1 they ' +
        'become more alike, so that the text is more surprising. Top k: only so many of the likeliest tokens may come; ' +
        '0 means all. Top p: only the likeliest tokens may come that together have this share; 1 means all. What they ' +
        'take away is grey and struck through, and the other tokens share it. Seed: the number from which chance starts. ' +
        'The same seed draws the same numbers again.',
    ),
  );

/** Temperature, top-k, top-p and the seed of the draws. */
export class FilterRows {
  readonly element: HTMLElement;
  readonly #rows = NAMES.map(
    (name) => new OptionRow(SAMPLING_OPTIONS.find((option) => option.name === name)!, 'inside-'),
  );
  readonly #seed = numberField('inside-seed', { min: 0, max: MOST_SEED, step: 1 });

  /** `onChange` is called while a slider moves. */
  constructor(onChange: () => void) {
    for (const row of this.#rows) row.reset();
    this.changeSeed();
    this.#seed.setAttribute('aria-describedby', 'inside-seed-meaning');
    const seed = make(
      'div',
      { class: 'control' },
      make('label', { for: 'inside-seed' }, 'Seed'),
      this.#seed,
      make(
        'p',
        { id: 'inside-seed-meaning', class: 'meaning' },
        'The same seed draws the same numbers again.',
      ),
    );
    const rows = make('div', { class: 'filters' }, ...this.#rows.map(({ element }) => element), seed);
    this.element = make('div', {}, rows, explanation());
    this.element.addEventListener('input', onChange);
    this.element.addEventListener('change', onChange);
  }

  get filters(): Filters {
    const [temperature, topK, topP] = this.#rows.map(({ number }) => number);
    return { temperature: temperature!, topK: topK!, topP: topP! };
  }

  get seed(): number {
    return numberIn(this.#seed, 0, true);
  }

  /** Draws another seed. */
  changeSeed(): void {
    this.#seed.value = String(crypto.getRandomValues(new Uint16Array(1))[0]);
  }
}
