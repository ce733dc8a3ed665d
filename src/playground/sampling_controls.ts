import { GENERATE_DEFAULTS, type GenerateOptions } from '../generate/options.js';
import { make } from './dom.js';

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

const MOST_SEED = 2 ** 32 - 1;

/** The options of a generation, each with its meaning. */
export class SamplingControls {
  readonly #inputs = new Map<
    Control,
    { readonly range: HTMLInputElement; readonly number: HTMLInputElement }
  >();
  readonly #seed = numberInput('seed', { min: 0, max: Number.MAX_SAFE_INTEGER, step: 1 });
  readonly #keep = make('input', { id: 'keep-seed', type: 'checkbox' });
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
    this.reset();
  }

  reset(): void {
    for (const [control, { range, number }] of this.#inputs) {
      range.value = String(GENERATE_DEFAULTS[control.name]);
      number.value = range.value;
    }
    this.#keep.checked = false;
    this.#shift.checked = false;
  }

  /** Turns on what goes on where the context is full. */
  shiftContext(): void {
    this.#shift.checked = true;
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

  /** All options; the seed is drawn and shown, unless the one that is shown is to be kept. */
  options(): GenerateOptions {
    if (!this.#keep.checked || this.#seed.value === '') {
      this.#seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0]! % (MOST_SEED + 1));
    }
    const values = [...this.#inputs].map(([{ name }, { number }]) => [name, Number(number.value)]);
    return {
      ...Object.fromEntries(values),
      seed: Number(this.#seed.value),
      contextFull: this.#shift.checked ? 'shift' : 'stop',
    };
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
    number.addEventListener('change', () => {
      const value = number.value === '' ? GENERATE_DEFAULTS[name] : Number(number.value);
      number.value = String(Math.min(Number(number.max), Math.max(Number(number.min), value)));
      range.value = number.value;
    });
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
      this.#keep.checked = this.#seed.value !== '';
    });
    return make(
      'div',
      { class: 'control' },
      make('label', { for: 'seed' }, 'Seed'),
      this.#seed,
      make('label', { class: 'check' }, this.#keep, 'Keep this seed'),
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
