import { allowTallTiles, matmul } from '../../../../kernels/formats/f32/matmul';
import { matmul as naive } from '../../../../reference/matmul';
import { panels } from '../../../../reference/pack';
import { Product } from '../../../product';
import { Rows, absolute, expectSameBits, guardNull, randomArray, seed } from '../../../support';

const DEPTHS: i32[] = [1, 3, 5, 36, 130, 256, 257, 600];
const WIDTHS: i32[] = [1, 15, 16, 17, 101];
const MAX_ROWS: i32 = 13;

/** A product with its weights in panels, which are `gap` rows further apart than necessary. */
class ProductF32 extends Product {
  packed: StaticArray<f32>;
  panelStride: usize;

  constructor(
    rows: i32,
    K: i32,
    N: i32,
    hasBias: bool,
    accumulate: bool,
    gap: i32 = 0,
    x: StaticArray<f32> = randomArray(rows * K),
    w: StaticArray<f32> = randomArray(K * N),
  ) {
    super(rows, K, N, hasBias, accumulate, x, w);
    // Rows of NaN between the panels show that none of them is read.
    const spaced = new StaticArray<f32>((K + gap) * N);
    for (let i = 0; i < spaced.length; i++) spaced[i] = i < w.length ? w[i] : NaN;
    this.packed = panels(spaced, K + gap, N);
    this.panelStride = (<usize>(K + gap)) << 6;
  }

  computeRows(out: Rows, from: i32, to: i32): void {
    matmul(
      out.pointer(from),
      out.strideBytes,
      this.xRows.pointer(from),
      this.xRows.strideBytes,
      to - from,
      changetype<usize>(this.packed),
      this.panelStride,
      this.biasOrNull,
      this.K,
      this.N,
      this.accumulate,
    );
  }

  /**
   * Compares with the reference, within one rounding of every term for each of the K products and the two
   * additions.
   */
  check(): void {
    const expected = naive(this.x, this.w, this.rows, this.K, this.N);
    const bound = naive(absolute(this.x), absolute(this.w), this.rows, this.K, this.N);
    this.compare(expected, bound, this.K + 2);
  }

  checkTileHeights(): void {
    allowTallTiles(true);
    const tall = this.compute();
    allowTallTiles(false);
    expectSameBits(this.compute(), tall, this.name + ', tile heights');
  }
}

function forAllSizes(check: (product: ProductF32) => void): void {
  for (let k = 0; k < DEPTHS.length; k++) {
    for (let n = 0; n < WIDTHS.length; n++) {
      for (let rows = 1; rows <= MAX_ROWS; rows += DEPTHS[k] > 130 ? 3 : 1) {
        const variant = rows + n + k;
        check(new ProductF32(rows, DEPTHS[k], WIDTHS[n], (variant & 1) == 1, (variant & 2) == 2));
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
        new ProductF32(rows, 36, 101, (variant & 1) == 1, (variant & 2) == 2).check();
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

  it('gives 1 to 20 rows and 132 the bits they have alone, from short and from fetched panels', () => {
    seed(9);
    for (let tall = 0; tall < 2; tall++) {
      allowTallTiles(tall == 1);
      for (let variant = 0; variant < 4; variant++) {
        const K = variant & 1 ? 37 : 515;
        new ProductF32(132, K, 33, (variant & 2) == 0, variant > 0).checkCounts();
      }
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
      new ProductF32(rows, 5, 101, true, true, 3).check();
    }
    new ProductF32(7, 257, 17, true, true, 3).check();
  });

  it('computes the columns of a part of the panels as those of all', () => {
    seed(7);
    const whole = new ProductF32(6, 36, 101, true, false);
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
    const product = new ProductF32(5, 36, 17, true, false);
    product.packed = panels(product.w, 36, 17, NaN);
    product.check();
  });
});
