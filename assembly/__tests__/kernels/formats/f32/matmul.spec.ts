import { allowTallTiles, matmul } from '../../../../kernels/formats/f32/matmul';
import { padded } from '../../../../abi';
import { matmul as naive } from '../../../../reference/matmul';
import { panels } from '../../../../reference/pack';
import {
  Rows,
  absolute,
  expectClose,
  expectInside,
  expectSameBits,
  guardNull,
  randomArray,
  seed,
} from '../../../support';

const DEPTHS: i32[] = [1, 3, 5, 36, 130, 256, 257, 600];
const WIDTHS: i32[] = [1, 15, 16, 17, 101];
const MAX_ROWS: i32 = 13;

/** One product with its inputs in both layouts. Panels are `gap` rows further apart than necessary. */
class Product {
  x: StaticArray<f32>;
  w: StaticArray<f32>;
  xRows: Rows;
  packed: StaticArray<f32>;
  panelStride: usize;
  bias: Rows;
  before: StaticArray<f32>;

  constructor(
    readonly rows: i32,
    readonly K: i32,
    readonly N: i32,
    readonly hasBias: bool,
    readonly accumulate: bool,
    gap: i32 = 0,
  ) {
    const x = randomArray(rows * K);
    const w = randomArray(K * N);
    // Rows of NaN between the panels show that none of them is read.
    const spaced = new StaticArray<f32>((K + gap) * N);
    for (let i = 0; i < spaced.length; i++) spaced[i] = i < w.length ? w[i] : NaN;
    this.x = x;
    this.w = w;
    this.xRows = Rows.of(x, K);
    this.packed = panels(spaced, K + gap, N);
    this.panelStride = (<usize>(K + gap)) << 6;
    this.bias = Rows.vector(randomArray(N));
    this.before = randomArray(rows * N);
  }

  get name(): string {
    const sizes = this.rows.toString() + ' x ' + this.K.toString() + ' x ' + this.N.toString();
    return sizes + (this.hasBias ? ' + bias' : '') + (this.accumulate ? ' + out' : '');
  }

  /** Computes only the rows from..to, in an output of all rows. */
  computeRows(out: Rows, from: i32, to: i32): void {
    matmul(
      out.pointer(from),
      out.strideBytes,
      this.xRows.pointer(from),
      this.xRows.strideBytes,
      to - from,
      changetype<usize>(this.packed),
      this.panelStride,
      this.hasBias ? this.bias.pointer() : 0,
      this.K,
      this.N,
      this.accumulate,
    );
  }

  output(): Rows {
    return this.accumulate ? Rows.of(this.before, this.N) : new Rows(this.rows, this.N);
  }

  compute(): Rows {
    const out = this.output();
    this.computeRows(out, 0, this.rows);
    return out;
  }

  /**
   * Compares with the reference, within one rounding of every term for each of the K products and the two
   * additions.
   */
  check(): void {
    const out = this.compute();
    const expected = naive(this.x, this.w, this.rows, this.K, this.N);
    const bound = naive(absolute(this.x), absolute(this.w), this.rows, this.K, this.N);
    for (let i = 0; i < expected.length; i++) {
      if (this.hasBias) {
        expected[i] += <f64>this.bias.get(0, i % this.N);
        bound[i] += Math.abs(<f64>this.bias.get(0, i % this.N));
      }
      if (this.accumulate) {
        expected[i] += <f64>this.before[i];
        bound[i] += Math.abs(<f64>this.before[i]);
      }
      bound[i] *= <f64>(this.K + 2) / 16777216;
    }
    expectClose(out, expected, bound, this.name);
    expectInside(out, padded(this.N), this.name);
  }

  checkRowsAlone(): void {
    const alone = this.output();
    for (let row = 0; row < this.rows; row++) this.computeRows(alone, row, row + 1);
    expectSameBits(this.compute(), alone, this.name + ', rows alone');
  }

  checkTileHeights(): void {
    allowTallTiles(true);
    const tall = this.compute();
    allowTallTiles(false);
    expectSameBits(this.compute(), tall, this.name + ', tile heights');
  }
}

function forAllSizes(check: (product: Product) => void): void {
  for (let k = 0; k < DEPTHS.length; k++) {
    for (let n = 0; n < WIDTHS.length; n++) {
      for (let rows = 1; rows <= MAX_ROWS; rows += DEPTHS[k] > 130 ? 3 : 1) {
        const variant = rows + n + k;
        check(new Product(rows, DEPTHS[k], WIDTHS[n], (variant & 1) == 1, (variant & 2) == 2));
      }
    }
  }
}

describe('matmul', () => {
  beforeAll(guardNull);

  it('is within the rounding bound of the reference, tiles of 4 rows', () => {
    seed(1);
    allowTallTiles(false);
    forAllSizes((product) => product.check());
  });

  it('is within the rounding bound of the reference, tall tiles allowed', () => {
    seed(2);
    allowTallTiles(true);
    forAllSizes((product) => product.check());
    allowTallTiles(false);
  });

  it('takes every combination of bias and accumulation', () => {
    seed(3);
    for (let rows = 1; rows <= 7; rows += 3) {
      for (let variant = 0; variant < 4; variant++) {
        new Product(rows, 36, 101, (variant & 1) == 1, (variant & 2) == 2).check();
      }
    }
  });

  it('gives each row the bits it has alone, with either tile height', () => {
    seed(4);
    for (let tall = 0; tall < 2; tall++) {
      allowTallTiles(tall == 1);
      forAllSizes((product) => product.checkRowsAlone());
    }
    allowTallTiles(false);
  });

  it('gives the same bits with either tile height', () => {
    seed(5);
    forAllSizes((product) => product.checkTileHeights());
  });

  it('reads panels that are further apart than their rows', () => {
    seed(6);
    for (let rows = 1; rows <= MAX_ROWS; rows++) {
      new Product(rows, 5, 101, true, true, 3).check();
    }
    new Product(7, 257, 17, true, true, 3).check();
  });

  it('computes the columns of a part of the panels as those of all', () => {
    seed(7);
    const whole = new Product(6, 36, 101, true, false);
    const expected = whole.compute();
    const out = new Rows(6, 101, expected.stride);
    for (let n = 0; n < 101; n += 48) {
      matmul(
        out.pointer(0, n),
        out.strideBytes,
        whole.xRows.pointer(),
        whole.xRows.strideBytes,
        6,
        changetype<usize>(whole.packed) + <usize>(n / 16) * whole.panelStride,
        whole.panelStride,
        whole.bias.pointer(0, n),
        36,
        min(48, 101 - n),
        false,
      );
    }
    expectSameBits(out, expected, 'columns in parts');
  });

  it('takes weights whose missing columns hold anything', () => {
    seed(8);
    const product = new Product(5, 36, 17, true, false);
    product.packed = panels(product.w, 36, 17, NaN);
    product.check();
  });
});
