import { WEIGHT_FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import { make } from '../page/dom.js';

const MEANING =
  'Fewer bits use less memory and are faster and slightly less exact. Takes effect when a model is loaded. The model ' +
  'of the package was made for 4 bits, others for 32.';

/** The choice of the format that weights have in memory. */
export class WeightsChoice {
  readonly #select = make(
    'select',
    { id: 'weights', 'aria-describedby': 'weights-meaning' },
    make('option', { value: '' }, 'as the model was made'),
    ...WEIGHT_FORMATS.map((format) =>
      make('option', { value: format }, `${format}: ${format.slice(1)} bits`),
    ),
  );
  readonly element = make(
    'div',
    { class: 'control' },
    make('label', { for: 'weights' }, 'Weights in memory'),
    this.#select,
    make('p', { id: 'weights-meaning', class: 'meaning' }, MEANING),
  );

  /** The chosen format; `undefined`: the default of the model. */
  get format(): WeightFormat | undefined {
    return WEIGHT_FORMATS.find((format) => format === this.#select.value);
  }
}
