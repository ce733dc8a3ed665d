import { GENERATE_DEFAULTS, type GenerateOptions } from '../../generate/options.js';
import { make } from '../page/dom.js';
import { keep, readKeptObject } from '../page/local_storage.js';

interface Control {
  readonly name: Exclude<keyof typeof GENERATE_DEFAULTS, 'contextFull'>;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly meaning: string;
  /** Stands under "More". */
  readonly more?: true;
}

const CONTROLS: readonly Control[] = [
  {
    name: 'maxTokens',
    label: 'Length',
    min: 1,
    max: 1000,
    step: 1,
    meaning: 'Most tokens of one generation.',
  },
  {
    name: 'temperature',
    label: 'Temperature',
    min: 0,
    max: 2,
    step: 0.05,
    meaning: '0 always takes the likeliest token, 1 follows the model, above is wilder.',
  },
  {
    name: 'topP',
    label: 'Top p',
    min: 0,
    max: 1,
    step: 0.01,
    meaning: 'Choose among the likeliest tokens that sum to this probability. 1: all.',
  },
  {
    name: 'topK',
    label: 'Top k',
    min: 0,
    max: 200,
    step: 1,
    meaning: 'Choose among this many of the likeliest tokens. 0: all.',
  },
  {
    name: 'minP',
    label: 'Min p',
    min: 0,
    max: 1,
    step: 0.01,
    meaning: 'Choose among tokens at least this times as likely as the likeliest. 0: all.',
  },
  {
    name: 'repetitionPenalty',
    label: 'Repetition penalty',
    min: 1,
    max: 2,
    step: 0.01,
    meaning: 'Above 1, tokens that the text has already become less likely.',
  },
  {
    name: 'typicalP',
    label: 'Typical p',
    min: 0.01,
    max: 1,
    step: 0.01,
    meaning: 'Choose among the most typical tokens that sum to this probability. 1: all.',
    more: true,
  },
  {
    name: 'frequencyPenalty',
    label: 'Frequency penalty',
    min: -2,
    max: 2,
    step: 0.05,
    meaning: "Taken off a token's logit each time that it was generated.",
    more: true,
  },
  {
    name: 'presencePenalty',
    label: 'Presence penalty',
    min: -2,
    max: 2,
    step: 0.05,
    meaning: 'Taken once off the logit of each token that was generated.',
    more: true,
  },
  {
    name: 'noRepeatNgram',
    label: 'No repeats of',
    min: 0,
    max: 20,
    step: 1,
    meaning: 'Never repeat this many tokens in a row. 0: off.',
    more: true,
  },
];

const MOST_DRAWN_SEED = 2 ** 32 - 1;
/** What the settings are kept under. */
const KEY = 'gpt2-wasm-sampling';

/** The options of a generation, each with its meaning. */
export class SamplingControls {
  readonly #inputs = new Map<
    Control,
    { readonly range: HTMLInputElement; readonly number: HTMLInputElement }
  >();
  readonly #seed = numberInput('seed', { min: 0, max: Number.MAX_SAFE_INTEGER, step: 1 });
  readonly #keepSeed = make('input', { id: 'keep-seed', type: 'checkbox' });
  readonly #shift = make('input', {
    id: 'shift',
    type: 'checkbox',
    'aria-describedby': 'shift-meaning',
  });

  constructor(panel: HTMLElement) {
    const rows = (more?: true) =>
      CONTROLS.filter((control) => control.more === more).map((c) => this.#row(c));
    panel.append(
      ...rows(),
      this.#seedRow(),
      make('details', {}, make('summary', {}, 'More'), ...rows(true), this.#shiftRow()),
    );
    this.#restore();
    panel.addEventListener('change', () => this.#keep());
  }

  reset(): void {
    for (const [control, { range, number }] of this.#inputs) {
      range.value = String(GENERATE_DEFAULTS[control.name]);
      number.value = range.value;
    }
    this.#keepSeed.checked = false;
    this.#shift.checked = false;
    this.#keep();
  }

  /** Turns on what goes on where the context is full. */
  shiftContext(): void {
    this.#shift.checked = true;
    this.#keep();
  }

  /** No text is longer than the context. */
  limitLength(contextLength: number): void {
    for (const [{ name }, inputs] of this.#inputs) {
      if (name !== 'maxTokens') continue;
      inputs.range.max = String(contextLength);
      inputs.number.max = inputs.range.max;
      if (Number(inputs.number.value) > contextLength) inputs.number.value = inputs.range.max;
    }
  }

  /** All options, as the controls then show them; the seed is drawn, unless the one that is shown is to be kept. */
  options(): GenerateOptions {
    for (const control of this.#inputs.keys()) this.#settle(control);
    if (!this.#keepSeed.checked || this.#seed.value === '') {
      this.#seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0]! % (MOST_DRAWN_SEED + 1));
    }
    this.#seed.value = String(within(this.#seed, 0, true));
    const values = [...this.#inputs].map(([{ name }, { number }]) => [name, Number(number.value)]);
    return {
      ...Object.fromEntries(values),
      seed: Number(this.#seed.value),
      contextFull: this.#shift.checked ? 'shift' : 'stop',
    };
  }

  /** Puts a value that its control can have in place of what was typed; the initial one if that is no number. */
  #settle(control: Control): void {
    const { range, number } = this.#inputs.get(control)!;
    number.value = String(within(number, GENERATE_DEFAULTS[control.name], control.step === 1));
    range.value = number.value;
  }

  #keep(): void {
    const values = [...this.#inputs].map(([{ name }, { number }]) => [name, number.value]);
    const seed = this.#keepSeed.checked ? this.#seed.value : '';
    keep(KEY, JSON.stringify({ ...Object.fromEntries(values), seed, shift: this.#shift.checked }));
  }

  #restore(): void {
    const kept = readKeptObject(KEY);
    for (const [control, { number }] of this.#inputs) {
      number.value = String(kept[control.name] ?? GENERATE_DEFAULTS[control.name]);
      this.#settle(control);
    }
    this.#seed.value = String(kept.seed ?? '');
    this.#keepSeed.checked = this.#seed.value !== '';
    this.#shift.checked = kept.shift === true;
  }

  #row(control: Control): HTMLElement {
    const { name, label, meaning, ...limits } = control;
    const number = numberInput(name, limits);
    number.setAttribute('aria-describedby', `${name}-meaning`);
    const { min, max, step } = number;
    const range = make('input', { type: 'range', min, max, step, 'aria-label': label, tabindex: '-1' });
    range.setAttribute('aria-hidden', 'true');
    range.addEventListener('input', () => {
      number.value = range.value;
    });
    number.addEventListener('input', () => {
      range.value = number.value;
    });
    number.addEventListener('change', () => this.#settle(control));
    this.#inputs.set(control, { range, number });
    return make(
      'div',
      { class: 'control' },
      make('label', { for: name }, label),
      number,
      range,
      make('p', { id: `${name}-meaning`, class: 'meaning' }, meaning),
    );
  }

  #seedRow(): HTMLElement {
    this.#seed.setAttribute('aria-describedby', 'seed-meaning');
    this.#seed.addEventListener('input', () => {
      this.#keepSeed.checked = this.#seed.value !== '';
    });
    return make(
      'div',
      { class: 'control' },
      make('label', { for: 'seed' }, 'Seed'),
      this.#seed,
      make('label', { class: 'check' }, this.#keepSeed, 'Keep this seed'),
      make('p', { id: 'seed-meaning', class: 'meaning' }, 'The same seed gives the same text again.'),
    );
  }

  #shiftRow(): HTMLElement {
    return make(
      'div',
      { class: 'control' },
      make('label', { class: 'check' }, this.#shift, 'Go on where the context is full'),
      make(
        'p',
        { id: 'shift-meaning', class: 'meaning' },
        'The model then forgets the older half of the text.',
      ),
    );
  }
}

/** The number in a field, within the field's limits; the initial one if there is none. */
function within({ value, min, max }: HTMLInputElement, initial: number, isInteger: boolean): number {
  const typed = value === '' ? initial : Number(value);
  const number = isInteger ? Math.round(typed) : typed;
  return Math.min(Number(max), Math.max(Number(min), number));
}

function numberInput(
  id: string,
  { min, max, step }: Pick<Control, 'min' | 'max' | 'step'>,
): HTMLInputElement {
  return make('input', {
    id,
    type: 'number',
    min: String(min),
    max: String(max),
    step: String(step),
    inputmode: 'decimal',
  });
}
