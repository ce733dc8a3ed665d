// Shared by the specs of matrices in q8 and in q4.
import { packConv1d, packLinear } from '../kernels/formats';
import { preferDotAdd } from '../kernels/formats/q8/matmul';
import { padded } from '../abi';
import { Quantized, quantizeActivations, quantizedMatmul } from '../reference/q8';
import { Product } from './product';
import { Rows, expectClose, expectSameBits, rowsOf } from './support';

export const DEPTHS: i32[] = [1, 31, 32, 33, 36, 130];
export const WIDTHS: i32[] = [1, 15, 17, 101];
export const MAX_ROWS: i32 = 9;

export function blocksOf(K: i32): i32 {
  return (K + 31) / 32;
}

/** Zeroed memory, guarded, for a matrix whose panels have `panelWords` 4-byte words per block of K. */
export function panelRoom(K: i32, N: i32, panelWords: i32): Rows {
  return Rows.vector(new StaticArray<f32>((padded(N) / 16) * blocksOf(K) * panelWords));
}

/** Packs a matrix [K, N] into `out` from its rows, `step` at a time. */
export function packRows(out: Rows, weights: i32, w: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  for (let first = 0; first < K; first += step) {
    const count = min(step, K - first);
    const part = rowsOf(w, N, first, first + count);
    packConv1d(weights, out.pointer(), changetype<usize>(part), first, count, K, N);
  }
  return out;
}

/** Packs a matrix [K, N] into `out` from its columns [N, K], `step` at a time. */
export function packColumns(
  out: Rows,
  weights: i32,
  columns: StaticArray<f32>,
  K: i32,
  N: i32,
  step: i32,
): Rows {
  for (let first = 0; first < N; first += step) {
    const count = min(step, N - first);
    const part = rowsOf(columns, K, first, first + count);
    packLinear(weights, out.pointer(), changetype<usize>(part), first, count, K);
  }
  return out;
}

/** Number of values and scales in which two quantized matrices differ. */
export function differences<T>(actual: Quantized<T>, expected: Quantized<T>): i32 {
  let count = 0;
  for (let i = 0; i < expected.values.length; i++) if (actual.values[i] != expected.values[i]) count++;
  for (let i = 0; i < expected.scales.length; i++) if (actual.scales[i] != expected.scales[i]) count++;
  return count;
}

/** A product whose inputs the kernels quantize. */
export abstract class QuantizedProduct extends Product {
  /** Quantizes `rows` rows of x and multiplies them by the packed weights. */
  protected abstract multiply(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32): void;

  /** The weights as the reference implementation multiplies them. */
  protected abstract weights(): Quantized<i32>;

  /** Largest magnitude of a quantized activation. */
  protected abstract levels(): f32;

  computeRows(out: Rows, from: i32, to: i32): void {
    const x = this.xRows;
    this.multiply(out.pointer(from), out.strideBytes, x.pointer(from), x.strideBytes, to - from);
  }

  /** Compares with the reference, within three roundings of each block's term and one of each sum. */
  check(): void {
    const a = quantizeActivations(this.x, this.rows, this.K, this.levels());
    const w = this.weights();
    this.compare(quantizedMatmul(a, w), quantizedMatmul(a, w, true), a.blocks + 4);
  }

  checkDotAdd(): void {
    const byPairs = this.compute();
    preferDotAdd(true);
    const byDotAdd = this.compute();
    preferDotAdd(false);
    expectSameBits(byDotAdd, byPairs, this.name + ', by dotAdd');
  }

  /** Fails unless this product of whole numbers, all scales 1, is exact. */
  checkExact(): void {
    const expected = new StaticArray<f64>(this.rows * this.N);
    for (let i = 0; i < expected.length; i++) {
      let sum = 0;
      for (let k = 0; k < this.K; k++) {
        sum += <i32>this.x[(i / this.N) * this.K + k] * <i32>this.w[k * this.N + (i % this.N)];
      }
      expected[i] = <f64>sum;
    }
    expectClose(this.compute(), expected, new StaticArray<f64>(expected.length), this.name);
  }
}

type Create = (rows: i32, K: i32, N: i32, hasBias: bool, accumulate: bool) => QuantizedProduct;

/** Checks products of all sizes, with and without bias and accumulation. */
export function forAllSizes(create: Create, check: (product: QuantizedProduct) => void): void {
  for (let k = 0; k < DEPTHS.length; k++) {
    for (let n = 0; n < WIDTHS.length; n++) {
      for (let rows = 1; rows <= MAX_ROWS; rows++) {
        const variant = rows + n + k;
        check(create(rows, DEPTHS[k], WIDTHS[n], (variant & 1) == 1, (variant & 2) == 2));
      }
    }
  }
}

/** Checks 1 to 20 rows and 132 against rows alone, with panels of few blocks and with fetched ones. */
export function checkCounts(create: Create): void {
  create(132, 37, 17, true, true).checkCounts();
  create(132, 130, 33, false, false).checkCounts();
  create(132, 515, 17, true, false).checkCounts();
}

/** Puts NaN or infinity into one of 5 rows, and fails unless that row of the output is NaN and no other. */
export function checkSpoiltRow(create: Create): void {
  for (let K = 36; K <= 64; K += 28) {
    for (let at = 0; at < K; at += 35) {
      const product = create(5, K, 17, true, false);
      product.xRows.set(2, at, at ? Infinity : NaN);
      const out = product.compute();
      for (let row = 0; row < 5; row++) {
        for (let n = 0; n < 17; n++) expect<bool>(isNaN(out.get(row, n))).toBe(row == 2, product.name);
      }
    }
  }
}
