import type { GenerateOptions } from '../../generate/options.js';
import { make } from '../page/dom.js';
import { keep, readKeptObject } from '../page/local_storage.js';
import { OptionRow } from './option_row.js';
import { SAMPLING_OPTIONS } from './options.js';
import { SeedRow } from './seed_row.js';

/** Key of the settings in the browser's storage. */
const KEY = 'gpt2-wasm-sampling';

/** The panel with the options of a generation, which the browser stores. */
export class SamplingPanel {
  readonly #rows = SAMPLING_OPTIONS.map((option) => new OptionRow(option));
  readonly #seed = new SeedRow();
  readonly #shift = make('input', { id: 'shift', type: 'checkbox', 'aria-describedby': 'shift-meaning' });

  constructor(panel: HTMLElement) {
    const rows = (more?: true) =>
      this.#rows.filter(({ option }) => option.more === more).map(({ element }) => element);
    const more = make('details', {}, make('summary', {}, 'More'), ...rows(true), this.#shiftRow());
    panel.append(...rows(), this.#seed.element, more);
    this.#restore();
    panel.addEventListener('change', () => this.#keep());
  }

  reset(): void {
    for (const row of this.#rows) row.reset();
    this.#seed.release();
    this.#shift.checked = false;
    this.#keep();
  }

  /** Turns on continuing when the context is full. */
  shiftContext(): void {
    this.#shift.checked = true;
    this.#keep();
  }

  /** Limits the length of a generation to the context of the model. */
  limitLength(contextLength: number): void {
    for (const row of this.#rows) if (row.option.name === 'maxTokens') row.limit(contextLength);
  }

  /** Options of the next generation, which the controls show afterwards. */
  options(): GenerateOptions {
    return this.#with(this.#seed.next());
  }

  /** The options that the controls show, with the seed of the latest generation. */
  shown(): GenerateOptions {
    return this.#with(this.#seed.shown);
  }

  #with(seed: number): GenerateOptions {
    for (const row of this.#rows) row.settle();
    const values = this.#rows.map(({ option, value }) => [option.name, Number(value)]);
    return {
      ...Object.fromEntries(values),
      seed,
      contextFull: this.#shift.checked ? 'shift' : 'stop',
    };
  }

  #keep(): void {
    const values = this.#rows.map(({ option, value }) => [option.name, value]);
    const { kept: seed } = this.#seed;
    keep(KEY, JSON.stringify({ ...Object.fromEntries(values), seed, shift: this.#shift.checked }));
  }

  #restore(): void {
    const kept = readKeptObject(KEY);
    for (const row of this.#rows) {
      row.reset();
      const value = textOf(kept[row.option.name]);
      if (value !== undefined) row.value = value;
    }
    this.#seed.kept = textOf(kept.seed) ?? '';
    this.#shift.checked = kept.shift === true;
  }

  #shiftRow(): HTMLElement {
    return make(
      'div',
      { class: 'control' },
      make('label', { class: 'check' }, this.#shift, 'Continue when the context is full'),
      make(
        'p',
        { id: 'shift-meaning', class: 'meaning' },
        'The model then forgets the older half of the text.',
      ),
    );
  }
}

/** A stored number as text; `undefined` for what another version or page has stored in its place. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
