import { type ChangedRows, forEachNumber, type ParameterChange } from './change.js';

/** IA3 (Liu et al. 2022): a factor for each output of a matrix and of its bias, or for each input. */
export class Scaled implements ParameterChange {
  readonly kind = 'IA3';
  readonly order = 'scale';
  readonly isAlone = true;
  readonly #factors: Float32Array;
  readonly #of: 'inputs' | 'outputs';

  constructor(factors: Float32Array, of: 'inputs' | 'outputs') {
    this.#factors = factors;
    this.#of = of;
  }

  change(rows: ChangedRows): void {
    const { kind } = rows.parameter;
    // Outputs are the columns of a vector and of a Conv1D matrix, and the rows of a Linear one.
    const byRow = (kind === 'linear') === (this.#of === 'outputs');
    forEachNumber(rows, (index, row, column) => {
      rows.values[index]! *= this.#factors[byRow ? row : column]!;
    });
  }
}
