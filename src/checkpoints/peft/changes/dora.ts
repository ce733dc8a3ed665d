import { addProduct, type LoraPair } from '../../../architecture/gpt2/lora.js';
import type { Parameter } from '../../../architecture/gpt2/parameters.js';
import { type ChangedRows, columnsOf, forEachNumber, type ParameterChange } from './change.js';

/**
 * DoRA (Liu et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation"): W + A B, whose vector for each output gets
 * a length that was learned.
 */
export class Dora implements ParameterChange {
  readonly kind = 'DoRA';
  readonly order = 'scale';
  readonly isAlone = true;
  readonly #pair: LoraPair;
  readonly #lengths: Float32Array;
  readonly #isEmbedding: boolean;

  /** `lengths` has one for each output: of an embedding, these are its columns. */
  constructor(pair: LoraPair, lengths: Float32Array, isEmbedding: boolean) {
    this.#pair = pair;
    this.#lengths = lengths;
    this.#isEmbedding = isEmbedding;
  }

  needsAll(parameter: Parameter): boolean {
    return this.#isEmbedding || parameter.kind === 'conv1d';
  }

  change(rows: ChangedRows): void {
    const { parameter, values, firstRow } = rows;
    const byColumn = this.needsAll(parameter);
    addProduct(this.#pair, this.#pair.scale, values, firstRow, parameter.kind === 'conv1d');
    const outputs = byColumn ? columnsOf(parameter) : values.length / columnsOf(parameter);
    const squares = new Float64Array(outputs);
    const outputOf = (row: number, column: number) => (byColumn ? column : row - firstRow);
    forEachNumber(rows, (index, row, column) => {
      squares[outputOf(row, column)]! += values[index]! * values[index]!;
    });
    const first = byColumn ? 0 : firstRow;
    const factors = squares.map((sum, output) => this.#lengths[first + output]! / Math.sqrt(sum));
    forEachNumber(rows, (index, row, column) => {
      values[index]! *= factors[outputOf(row, column)]!;
    });
  }
}
