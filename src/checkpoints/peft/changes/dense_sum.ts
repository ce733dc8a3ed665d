import type { Parameter } from '../../../architecture/gpt2/parameters.js';
import { type ChangedRows, forEachNumber, type ParameterChange } from './change.js';

/** A matrix that is computed number by number: `row` and `column` are those of the parameter in PyTorch. */
export type MatrixNumbers = (row: number, column: number) => number;

/** Adds a matrix, whose numbers are computed as they are needed, or a vector. */
export class DenseSum implements ParameterChange {
  readonly order = 'add';
  readonly isAlone = false;
  readonly kind: string;
  readonly #own: Parameter;
  readonly #numbers: MatrixNumbers;

  /** `own` is the parameter as PyTorch keeps it. */
  constructor(kind: string, own: Parameter, numbers: MatrixNumbers) {
    this.kind = kind;
    this.#own = own;
    this.#numbers = numbers;
  }

  change(rows: ChangedRows, weight: number): void {
    const isTransposed = rows.parameter.kind !== this.#own.kind;
    const numbers = this.#numbers;
    forEachNumber(rows, (index, row, column) => {
      rows.values[index]! += weight * (isTransposed ? numbers(column, row) : numbers(row, column));
    });
  }
}
