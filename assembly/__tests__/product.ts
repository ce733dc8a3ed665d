import { padded } from '../abi';
import { Rows, expectClose, expectInside, expectSameBits, randomArray } from './support';

/** One product with its inputs, of f32 or quantized weights: out[rows, N] = x[rows, K] w[K, N] + bias + out. */
export abstract class Product {
  xRows: Rows;
  bias: Rows;
  before: StaticArray<f32>;

  constructor(
    readonly rows: i32,
    readonly K: i32,
    readonly N: i32,
    readonly hasBias: bool,
    readonly accumulate: bool,
    readonly x: StaticArray<f32>,
    readonly w: StaticArray<f32>,
  ) {
    this.xRows = Rows.of(x, K);
    this.bias = Rows.vector(randomArray(N));
    this.before = randomArray(rows * N);
  }

  get name(): string {
    const sizes = this.rows.toString() + ' x ' + this.K.toString() + ' x ' + this.N.toString();
    return sizes + (this.hasBias ? ' + bias' : '') + (this.accumulate ? ' + out' : '');
  }

  get biasOrNull(): usize {
    return this.hasBias ? this.bias.pointer() : 0;
  }

  output(): Rows {
    return this.accumulate ? Rows.of(this.before, this.N) : new Rows(this.rows, this.N);
  }

  /** Computes only the rows from..to, in an output of all rows. */
  abstract computeRows(out: Rows, from: i32, to: i32): void;

  compute(): Rows {
    const out = this.output();
    this.computeRows(out, 0, this.rows);
    return out;
  }

  /**
   * Compares with the reference: x w in `expected` and, in `bound`, the sum of the magnitudes of its terms, of
   * which `roundings` roundings may differ. Adds bias and previous output to both.
   */
  protected compare(expected: StaticArray<f64>, bound: StaticArray<f64>, roundings: i32): void {
    const out = this.compute();
    for (let i = 0; i < expected.length; i++) {
      if (this.hasBias) {
        expected[i] += <f64>this.bias.get(0, i % this.N);
        bound[i] += Math.abs(<f64>this.bias.get(0, i % this.N));
      }
      if (this.accumulate) {
        expected[i] += <f64>this.before[i];
        bound[i] += Math.abs(<f64>this.before[i]);
      }
      bound[i] *= <f64>roundings / 16777216;
    }
    expectClose(out, expected, bound, this.name);
    expectInside(out, padded(this.N), this.name);
  }

  private rowsAlone(): Rows {
    const alone = this.output();
    for (let row = 0; row < this.rows; row++) this.computeRows(alone, row, row + 1);
    return alone;
  }

  checkRowsAlone(): void {
    expectSameBits(this.compute(), this.rowsAlone(), this.name + ', rows alone');
  }

  /** Computes the first 1 to 20 rows and then all rows at once, and compares each with the rows alone. */
  checkCounts(): void {
    const alone = this.rowsAlone();
    const before = this.output();
    for (let count = 1; count <= 21; count++) {
      const some = count <= 20 ? count : this.rows;
      const out = this.output();
      this.computeRows(out, 0, some);
      const name = some.toString() + ' of ' + this.name;
      expectSameBits(out, alone, name, 0, some);
      expectSameBits(out, before, name + ', other rows', some, this.rows);
    }
  }
}
