import { make } from '../page/dom.js';
import { type Direction, PRESETS, wordsOf } from './steering.js';

const MOST = 3;
const OWN = 'own words';

/** The words that a direction goes between, the layer, and a slider of the strength. */
export class SteeringRows {
  readonly element: HTMLElement;
  readonly #preset = make('select', { id: 'inside-preset' });
  readonly #towards = wordField('inside-towards');
  readonly #away = wordField('inside-away');
  readonly #layer = make('select', { id: 'inside-layer' });
  readonly #strength = make('input', {
    ...{
      id: 'inside-strength',
      type: 'range',
      min: String(-MOST),
      max: String(MOST),
      step: '0.25',
      value: '0',
    },
    'aria-describedby': 'inside-strength-meaning',
  });
  readonly #shown = make('output', { for: 'inside-strength' });
  readonly #missing = make('p', { class: 'meaning wrong', role: 'status' });
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = () => {
      this.#showMissing();
      onChange();
    };
    this.#preset.append(
      ...[...Object.keys(PRESETS), OWN].map((name) => make('option', { value: name }, name)),
    );
    this.#preset.addEventListener('change', () => {
      this.#putPreset();
      this.#onChange();
    });
    for (const field of [this.#towards, this.#away]) {
      field.addEventListener('input', () => {
        this.#preset.value = OWN;
      });
      field.addEventListener('change', this.#onChange);
    }
    this.#layer.addEventListener('change', this.#onChange);
    this.#strength.addEventListener('input', () => {
      this.#showStrength();
      this.#onChange();
    });
    this.#putPreset();
    this.#showStrength();
    const control = (label: string, field: HTMLElement) =>
      make(
        'div',
        { class: field instanceof HTMLSelectElement ? 'control short' : 'control' },
        make('label', { for: field.id }, label),
        field,
      );
    this.element = make(
      'div',
      { class: 'settings steering' },
      control('Direction', this.#preset),
      control('After layer', this.#layer),
      control('Towards these words', this.#towards),
      control('Away from these', this.#away),
      this.#missing,
      make(
        'div',
        { class: 'control strength' },
        make('label', { for: 'inside-strength' }, 'Strength'),
        this.#shown,
        this.#strength,
        make(
          'p',
          { class: 'meaning', id: 'inside-strength-meaning' },
          '0 changes nothing. Below 0 it goes the other way. Too much, and the text falls apart.',
        ),
      ),
    );
  }

  /** Called when the model changes: lists its layers. */
  showLayers(layers: number): void {
    const numbers = Array.from({ length: layers }, (_, i) => String(i + 1));
    this.#layer.replaceChildren(...numbers.map((number) => make('option', { value: number }, number)));
    this.#layer.value = String(Math.max(1, Math.round(0.45 * layers)));
  }

  get direction(): Direction {
    return { towards: this.#towards.value, away: this.#away.value, layer: Number(this.#layer.value) - 1 };
  }

  get strength(): number {
    return Number(this.#strength.value);
  }

  reset(): void {
    this.#strength.value = '0';
    this.#showStrength();
    this.#onChange();
  }

  #putPreset(): void {
    const preset = PRESETS[this.#preset.value];
    if (preset === undefined) return;
    this.#towards.value = preset.towards;
    this.#away.value = preset.away;
  }

  /** Says so if the model cannot be steered yet, because one of the fields is empty. */
  #showMissing(): void {
    const isMissing =
      this.strength !== 0 && [this.#towards, this.#away].some(({ value }) => wordsOf(value).length === 0);
    this.#missing.textContent = isMissing ? 'Each of the two fields needs a word.' : '';
  }

  #showStrength(): void {
    this.#shown.textContent = this.#strength.value.replace('-', '\u2212');
  }
}

const wordField = (id: string) =>
  make('input', {
    id,
    type: 'text',
    maxlength: '200',
    spellcheck: 'false',
    autocomplete: 'off',
    dir: 'auto',
  });
