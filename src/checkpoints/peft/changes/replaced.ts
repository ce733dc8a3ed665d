import type { Parameter } from '../../../architecture/gpt2/parameters.js';
import { type ChangedRows, columnsOf, forEachNumber, type ParameterChange } from './change.js';

/** A parameter whose numbers the adapter has itself. */
export class Replaced implements ParameterChange {
  readonly kind: string;
  readonly order = 'replace';
  /** Numbers of the base model, which PEFT stores beside changed embeddings, leave all sums defined. */
  readonly isAlone: boolean;
  readonly #own: Parameter;
  readonly #numbers: Float32Array;

  /** `own` is the parameter as PyTorch keeps it. */
  constructor(kind: string, own: Parameter, numbers: Float32Array, isOfBase: boolean) {
    this.kind = kind;
    this.#own = own;
    this.#numbers = numbers;
    this.isAlone = !isOfBase;
  }

  change(rows: ChangedRows): void {
    const { values, parameter, firstRow } = rows;
    const own = this.#own;
    const numbers = this.#numbers;
    const columns = columnsOf(own);
    if (parameter.kind === own.kind) {
      const start = own.kind === 'vector' ? 0 : firstRow * columns;
      values.set(numbers.subarray(start, start + values.length));
    } else {
      forEachNumber(rows, (index, row, column) => {
        values[index] = numbers[column * columns + row]!;
      });
    }
  }
}

/** Rows of an embedding, one for each of some tokens, that the adapter has itself. */
export class ReplacedRows implements ParameterChange {
  readonly kind = 'trained tokens';
  readonly order = 'replace';
  readonly isAlone = true;
  readonly #rows: ReadonlyMap<number, Float32Array>;

  /** The numbers of each row, by its index. */
  constructor(rows: ReadonlyMap<number, Float32Array>) {
    this.#rows = rows;
  }

  change({ parameter, values, firstRow }: ChangedRows): void {
    const columns = columnsOf(parameter);
    for (const [row, numbers] of this.#rows) {
      const start = (row - firstRow) * columns;
      if (start >= 0 && start < values.length) values.set(numbers, start);
    }
  }
}
