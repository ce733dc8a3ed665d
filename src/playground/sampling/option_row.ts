import { GENERATE_DEFAULTS } from '../../generate/options.js';
import { make } from '../page/dom.js';
import { numberField, numberIn } from './number_field.js';
import type { SamplingOption } from './options.js';

/** A row with the label, number field, slider and explanation of an option. */
export class OptionRow {
  readonly option: SamplingOption;
  readonly element: HTMLElement;
  readonly #number: HTMLInputElement;
  readonly #range: HTMLInputElement;

  /** `prefix` begins the ids of the elements. */
  constructor(option: SamplingOption, prefix = '') {
    this.option = option;
    const { name, label, meaning } = option;
    const id = prefix + name;
    this.#number = numberField(id, option);
    this.#number.setAttribute('aria-describedby', `${id}-meaning`);
    const { min, max, step } = this.#number;
    // Screen readers and the keyboard use the number field alone.
    const hidden = { 'aria-label': label, tabindex: '-1', 'aria-hidden': 'true' };
    this.#range = make('input', { type: 'range', min, max, step, ...hidden });
    this.#range.addEventListener('input', () => {
      this.#number.value = this.#range.value;
    });
    this.#number.addEventListener('input', () => {
      this.#range.value = this.#number.value;
    });
    this.#number.addEventListener('change', () => this.settle());
    this.element = make(
      'div',
      { class: 'control' },
      make('label', { for: id }, label),
      this.#number,
      this.#range,
      make('p', { id: `${id}-meaning`, class: 'meaning' }, meaning),
    );
  }

  /** The valid number nearest to what is typed; the default if that is no number. */
  get number(): number {
    const { name, step } = this.option;
    return numberIn(this.#number, GENERATE_DEFAULTS[name], step === 1);
  }

  get value(): string {
    return this.#number.value;
  }

  set value(value: string) {
    this.#number.value = value;
    this.settle();
  }

  reset(): void {
    this.value = String(GENERATE_DEFAULTS[this.option.name]);
  }

  /** Lowers the maximum, and the value if it is higher. */
  limit(max: number): void {
    this.#range.max = String(max);
    this.#number.max = this.#range.max;
    if (Number(this.#number.value) > max) this.#number.value = this.#range.max;
  }

  /** Replaces what was typed by the nearest valid value, or by the default if it is not a number. */
  settle(): void {
    this.#number.value = String(this.number);
    this.#range.value = this.#number.value;
  }
}
