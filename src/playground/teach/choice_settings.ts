import { control } from '../page/control.js';
import { make } from '../page/dom.js';
import { numberField, numberIn } from '../sampling/number_field.js';

const PASSES = { min: 1, max: 100, step: 1 };
const DEFAULT_PASSES = 10;
const RATES = ['0.0001', '0.0003', '0.001', '0.003'];
const DEFAULT_RATE = '0.0003';

/** The form fields of learning from choices. */
export class ChoiceSettings {
  readonly #passes = numberField('choice-passes', PASSES);
  readonly #rate = make(
    'select',
    { id: 'choice-rate' },
    ...RATES.map((rate) => make('option', { value: rate }, rate)),
  );
  readonly element: HTMLFieldSetElement;

  constructor() {
    this.#passes.value = String(DEFAULT_PASSES);
    this.#rate.value = DEFAULT_RATE;
    this.element = make(
      'fieldset',
      { class: 'settings', 'aria-label': 'Lesson' },
      control('choice-passes', 'Passes', this.#passes, 'How often each choice is learned.'),
      control(
        'choice-rate',
        'Learning rate',
        this.#rate,
        'A higher rate follows your choices more, and may spoil the writing: look at the samples.',
      ),
    );
  }

  /** The values, after which the form shows the number of passes that is used. */
  read(): { readonly epochs: number; readonly learningRate: number } {
    const epochs = numberIn(this.#passes, DEFAULT_PASSES, true);
    this.#passes.value = String(epochs);
    return { epochs, learningRate: Number(this.#rate.value) };
  }
}
