import { matmulQ4, tilePanelBytes } from '../kernels/matmul_q4';
import { packConv1dQ4, packLinearQ4 } from '../kernels/pack_blocks';
import { packLinearQ4_0 } from '../kernels/pack_q4';
import { quantizeRowsQ4 } from '../kernels/quantize';
import { Q4_ACTIVATION_BLOCK_BYTES, padded } from '../layout';
import { decodeF16, transpose } from '../reference/pack';
import { plainError, searchedError, squaredError, unpackedQ4 } from '../reference/q4';
import { Quantized, quantizeActivations, quantizedMatmul } from '../reference/q8';
import { ACTIVATION_BYTES } from '../simd';
import {
  Rows,
  expectClose,
  expectInside,
  expectSameBits,
  guardNull,
  randomArray,
  randomBelow,
  randomIntegers,
  rowsOf,
  seed,
  unevenArray,
} from './support';

const DEPTHS: i32[] = [1, 31, 32, 33, 36, 130];
const WIDTHS: i32[] = [1, 15, 17, 101];
const MAX_ROWS: i32 = 9;

/** 4-byte words of a block of a panel, and of a block of an activation row. */
const PANEL_WORDS: i32 = 72;
const ROW_WORDS: i32 = <i32>Q4_ACTIVATION_BLOCK_BYTES / 4;

function blocksOf(K: i32): i32 {
  return (K + 31) / 32;
}

/** Zeroed room for a matrix of q4 panels, guarded. */
function panelRoom(K: i32, N: i32): Rows {
  return Rows.vector(new StaticArray<f32>((padded(N) / 16) * blocksOf(K) * PANEL_WORDS));
}

/** A matrix [K, N] packed from its rows, `step` at a time. */
function packedConv1d(w: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  const out = panelRoom(K, N);
  for (let first = 0; first < K; first += step) {
    const count = min(step, K - first);
    const part = rowsOf(w, N, first, first + count);
    packConv1dQ4(out.pointer(), changetype<usize>(part), first, count, K, N);
  }
  return out;
}

/** A matrix [K, N] packed from its columns [N, K], `step` at a time. */
function packedLinear(columns: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  const out = panelRoom(K, N);
  for (let first = 0; first < N; first += step) {
    const count = min(step, N - first);
    const part = rowsOf(columns, K, first, first + count);
    packLinearQ4(out.pointer(), changetype<usize>(part), first, count, K);
  }
  return out;
}

/** Fails where panels do not hold each weight of [N, K] as the nearest step of a scale as good as the search finds. */
function expectGoodScales(panels: Rows, columns: StaticArray<f32>, K: i32, N: i32, what: string): void {
  const q = unpackedQ4(panels.pointer(), K, N);
  let notNearest = 0;
  let worst: f64 = 0;
  let total: f64 = 0;
  let plain: f64 = 0;
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      const scale = decodeF16(q.scale(n, k / 32));
      const weight = <f64>columns[n * K + k];
      const step = q.value(n, k);
      const off = scale ? weight / scale - <f64>step : 0;
      const clamped = (step == -8 && off < 0) || (step == 7 && off > 0);
      if (Math.abs(off) > 0.50001 && !clamped) notNearest++;
      if (!scale && step) notNearest++;
    }
    for (let b = 0; b < q.blocks; b++) {
      const first = n * K + b * 32;
      const count = min(32, K - b * 32);
      const error = squaredError(columns, first, count, decodeF16(q.scale(n, b)));
      // The scale is rounded to 11 bits, which may fall the other way.
      const rounding = 2e-5 * squaredError(columns, first, count, 0);
      worst = Math.max(worst, error - 1.001 * searchedError(columns, first, count) - rounding);
      total += error;
      plain += plainError(columns, first, count);
    }
  }
  expect<i32>(notNearest).toBe(0, what + ': weights that are not the nearest step');
  expect<f64>(worst).toBeLessThanOrEqual(0, what + ': squared error above that of the search');
  if (K > 1) expect<f64>(total).toBeLessThan(plain, what + ': squared error beside that of Q4_0');
}

/** Quantized rows of activations as the kernel writes them, guarded. */
function quantizedRows(x: StaticArray<f32>, rows: i32, K: i32): Rows {
  const out = new Rows(1, rows * blocksOf(K) * ROW_WORDS);
  const from = Rows.of(x, K);
  quantizeRowsQ4(out.pointer(), from.pointer(), from.strideBytes, rows, K);
  return out;
}

/** Number i of a block of activations, by the layout's definition. */
function activation(block: usize, i: i32): i32 {
  if (ACTIVATION_BYTES == 1) return load<i8>(block + i);
  const swapped = i % 4 == 1 ? i + 1 : i % 4 == 2 ? i - 1 : i;
  return load<i16>(block + 2 * swapped);
}

/** What rows of activations hold; counts in `wrong` what does not take off the 8 of their sums. */
let wrong = 0;
function unpackedRows(quantized: Rows, rows: i32, K: i32): Quantized<f32> {
  const out = new Quantized<f32>(rows, K);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < out.blocks; b++) {
      const block = quantized.pointer() + (row * out.blocks + b) * (ROW_WORDS * 4);
      const end = block + 32 * ACTIVATION_BYTES;
      let sum = 0;
      let firstPairs = 0;
      for (let i = 0; i < 32; i++) {
        out.set(row, b * 32 + i, activation(block, i));
        sum += activation(block, i);
        if (i % 4 < 2) firstPairs += activation(block, i);
      }
      if (ACTIVATION_BYTES == 1) {
        if (load<i16>(end) != -8 * firstPairs || load<i16>(end, 2) != -8 * (sum - firstPairs)) wrong++;
      } else if (load<i32>(end) != -8 * sum) {
        wrong++;
      }
      out.scales[row * out.blocks + b] = load<f32>(end + 4);
    }
  }
  return out;
}

function differences<T>(actual: Quantized<T>, expected: Quantized<T>): i32 {
  let count = 0;
  for (let i = 0; i < expected.values.length; i++) if (actual.values[i] != expected.values[i]) count++;
  for (let i = 0; i < expected.scales.length; i++) if (actual.scales[i] != expected.scales[i]) count++;
  return count;
}

/** One product with its inputs quantized by the kernels. */
class Product {
  xRows: Rows;
  packed: Rows;
  bias: Rows;
  before: StaticArray<f32>;

  constructor(
    readonly rows: i32,
    readonly K: i32,
    readonly N: i32,
    readonly hasBias: bool,
    readonly accumulate: bool,
    readonly x: StaticArray<f32> = unevenArray(rows * K),
    w: StaticArray<f32> = unevenArray(K * N),
  ) {
    this.xRows = Rows.of(x, K);
    this.packed = packedConv1d(w, K, N, 32);
    this.bias = Rows.vector(randomArray(N));
    this.before = randomArray(rows * N);
  }

  get name(): string {
    const sizes = this.rows.toString() + ' x ' + this.K.toString() + ' x ' + this.N.toString();
    return sizes + (this.hasBias ? ' + bias' : '') + (this.accumulate ? ' + out' : '');
  }

  output(): Rows {
    return this.accumulate ? Rows.of(this.before, this.N) : new Rows(this.rows, this.N);
  }

  /** The rows from..to by themselves, in an output of all rows. */
  computeRows(out: Rows, from: i32, to: i32): void {
    const quantized = new Rows(1, (to - from) * blocksOf(this.K) * ROW_WORDS);
    quantizeRowsQ4(quantized.pointer(), this.xRows.pointer(from), this.xRows.strideBytes, to - from, this.K);
    const scratch = new Rows(1, <i32>tilePanelBytes(this.K) / 4);
    matmulQ4(
      out.pointer(from),
      out.strideBytes,
      quantized.pointer(),
      to - from,
      this.packed.pointer(),
      this.hasBias ? this.bias.pointer() : 0,
      this.K,
      this.N,
      this.accumulate,
      scratch.pointer(),
    );
    expectInside(scratch, scratch.columns, this.name + ', scratch');
  }

  compute(): Rows {
    const out = this.output();
    this.computeRows(out, 0, this.rows);
    return out;
  }

  /** Against the twin, within three roundings of a block's term and one of the sum after each block. */
  check(): void {
    const out = this.compute();
    const a = quantizeActivations(this.x, this.rows, this.K, 127);
    const w = unpackedQ4(this.packed.pointer(), this.K, this.N);
    const expected = quantizedMatmul(a, w);
    const bound = quantizedMatmul(a, w, true);
    for (let i = 0; i < expected.length; i++) {
      if (this.hasBias) {
        expected[i] += <f64>this.bias.get(0, i % this.N);
        bound[i] += Math.abs(<f64>this.bias.get(0, i % this.N));
      }
      if (this.accumulate) {
        expected[i] += <f64>this.before[i];
        bound[i] += Math.abs(<f64>this.before[i]);
      }
      bound[i] *= <f64>(a.blocks + 4) / 16777216;
    }
    expectClose(out, expected, bound, this.name);
    expectInside(out, padded(this.N), this.name);
  }

  checkRowsAlone(): void {
    const alone = this.output();
    for (let row = 0; row < this.rows; row++) this.computeRows(alone, row, row + 1);
    expectSameBits(this.compute(), alone, this.name + ', rows alone');
  }
}

function forAllSizes(check: (product: Product) => void): void {
  for (let k = 0; k < DEPTHS.length; k++) {
    for (let n = 0; n < WIDTHS.length; n++) {
      for (let rows = 1; rows <= MAX_ROWS; rows++) {
        const variant = rows + n + k;
        check(new Product(rows, DEPTHS[k], WIDTHS[n], (variant & 1) == 1, (variant & 2) == 2));
      }
    }
  }
}

/** Fails unless the product of whole numbers, all scales 1, is exact. */
function expectExact(x: StaticArray<f32>, w: StaticArray<f32>, rows: i32, K: i32, N: i32): void {
  const product = new Product(rows, K, N, false, false, x, w);
  const expected = new StaticArray<f64>(rows * N);
  for (let i = 0; i < expected.length; i++) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += <i32>x[(i / N) * K + k] * <i32>w[k * N + (i % N)];
    expected[i] = <f64>sum;
  }
  expectClose(product.compute(), expected, new StaticArray<f64>(expected.length), product.name);
}

describe('q4', () => {
  beforeAll(guardNull);

  it('packs nearest steps of a good scale, from rows and from columns, in any number of parts', () => {
    seed(1);
    for (let k = 0; k < DEPTHS.length; k++) {
      for (let n = 0; n < WIDTHS.length; n++) {
        const K = DEPTHS[k];
        const N = WIDTHS[n];
        const w = unevenArray(K * N);
        const columns = transpose(w, K, N);
        const what = K.toString() + ' x ' + N.toString();
        const fromRows = packedConv1d(w, K, N, K + 31);
        expectGoodScales(fromRows, columns, K, N, what + ' from rows');
        for (let step = 32; step < K + 32; step += 32) {
          const parts = packedConv1d(w, K, N, step);
          expectSameBits(parts, fromRows, what + ' from rows in parts');
          expectInside(parts, parts.columns, what + ' from rows');
        }
        const fromColumns = packedLinear(columns, K, N, N);
        expectGoodScales(fromColumns, columns, K, N, what + ' from columns');
        for (let step = 1; step < N; step += 7) {
          const parts = packedLinear(columns, K, N, step);
          expectSameBits(parts, fromColumns, what + ' from columns in parts');
          expectInside(parts, parts.columns, what + ' from columns');
        }
      }
    }
  });

  it('packs zeros, and magnitudes that a half scale only just holds', () => {
    seed(2);
    const magnitudes: f32[] = [0, 1e-38, 1e-30, 1e-6, 1e-3, 1, 5e5];
    for (let i = 0; i < magnitudes.length; i++) {
      const w = randomArray(36 * 17, magnitudes[i]);
      const columns = transpose(w, 36, 17);
      const what = 'magnitude ' + magnitudes[i].toString();
      const fromRows = unpackedQ4(packedConv1d(w, 36, 17, 32).pointer(), 36, 17);
      const fromColumns = unpackedQ4(packedLinear(columns, 36, 17, 17).pointer(), 36, 17);
      let worst: f64 = 0;
      for (let j = 0; j < columns.length; j++) {
        const n = j / 36;
        const k = j % 36;
        const a = <f64>fromRows.value(n, k) * decodeF16(fromRows.scale(n, k / 32));
        const b = <f64>fromColumns.value(n, k) * decodeF16(fromColumns.scale(n, k / 32));
        worst = Math.max(worst, Math.max(Math.abs(a - <f64>columns[j]), Math.abs(b - <f64>columns[j])));
      }
      // What is clamped is up to a step and a half off, of steps that fit 8.5 times; 8 times half the smallest half.
      expect<f64>(worst).toBeLessThanOrEqual(0.2 * <f64>magnitudes[i] + 3e-7, what);
    }
  });

  it('takes over blocks of Q4_0', () => {
    seed(3);
    const K = 96;
    const N = 17;
    const blocks = new StaticArray<u8>((N * K * 18) / 32);
    for (let i = 0; i < blocks.length; i++) blocks[i] = <u8>randomBelow(256);
    for (let step = 1; step <= N; step += 4) {
      const out = panelRoom(K, N);
      for (let first = 0; first < N; first += step) {
        const from = changetype<usize>(blocks) + first * 54;
        packLinearQ4_0(out.pointer(), from, first, min(step, N - first), K);
      }
      const q = unpackedQ4(out.pointer(), K, N);
      let different = 0;
      for (let n = 0; n < N; n++) {
        for (let k = 0; k < K; k++) {
          const block = n * 54 + (k / 32) * 18;
          const pair = <i32>blocks[block + 2 + (k % 16)];
          if (q.value(n, k) != (k % 32 < 16 ? pair & 15 : pair >> 4) - 8) different++;
          if (q.scale(n, k / 32) != (<i32>blocks[block] | (<i32>blocks[block + 1] << 8))) different++;
        }
      }
      expect<i32>(different).toBe(0);
      expectInside(out, out.columns, 'Q4_0');
    }
  });

  it('quantizes activations as the twin, with what takes off the 8 of weights', () => {
    seed(4);
    for (let k = 0; k < DEPTHS.length; k++) {
      for (let rows = 1; rows <= MAX_ROWS; rows += 4) {
        const K = DEPTHS[k];
        const x = unevenArray(rows * K);
        for (let i = 0; i < min(K, 32); i++) x[i] = 0;
        const out = quantizedRows(x, rows, K);
        const what = rows.toString() + ' x ' + K.toString();
        wrong = 0;
        expect<i32>(differences(unpackedRows(out, rows, K), quantizeActivations(x, rows, K, 127))).toBe(0, what);
        expect<i32>(wrong).toBe(0, what);
        expectInside(out, out.columns, what);
      }
    }
  });

  it('is within the rounding bound of the twin', () => {
    seed(5);
    forAllSizes((product) => product.check());
  });

  it('gives each row the bits it has alone', () => {
    seed(6);
    forAllSizes((product) => product.checkRowsAlone());
  });

  it('is exact where all scales are 1, in every build', () => {
    seed(7);
    for (let rows = 1; rows <= MAX_ROWS; rows++) {
      const x = randomIntegers(rows * 64, 127);
      const w = randomIntegers(64 * 17, 7);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < 64; k += 32) x[row * 64 + k] = k ? -127 : 127;
      }
      for (let n = 0; n < 17; n++) for (let k = 0; k < 64; k += 32) w[(k + n) * 17 + n] = -8;
      expectExact(x, w, rows, 64, 17);
    }
  });

  it('holds the largest sums: every number at an end of its range', () => {
    seed(8);
    // Signs all alike, alike for pairs and at random, activations and weights each in their own way.
    for (let way = 0; way < 64; way++) {
      const x = new StaticArray<f32>(5 * 64);
      const w = new StaticArray<f32>(64 * 16);
      for (let i = 0; i < x.length; i++) {
        const pair = (i % 4) / 2;
        x[i] = (way % 4 == 0 ? pair : way % 4 == 1 ? 1 - pair : way % 4 == 2 ? 1 : randomBelow(2)) ? 127 : -127;
      }
      for (let k = 0; k < 64; k++) {
        const pair = (k % 4) / 2;
        for (let n = 0; n < 16; n++) {
          const kind = (way >> 2) % 4;
          const high = kind == 0 ? pair : kind == 1 ? 1 - pair : kind == 2 ? 1 : randomBelow(2);
          w[k * 16 + n] = high ? 7 : -8;
        }
      }
      // One weight of each block makes the scale 1.
      for (let n = 0; n < 16; n++) for (let k = 0; k < 64; k += 32) w[(k + n) * 16 + n] = -8;
      expectExact(x, w, 5, 64, 16);
    }
  });

  it('lets NaN and infinity of an input show in its row and in no other', () => {
    seed(9);
    for (let K = 36; K <= 64; K += 28) {
      for (let at = 0; at < K; at += 35) {
        const product = new Product(5, K, 17, true, false);
        product.xRows.set(2, at, at ? Infinity : NaN);
        const out = product.compute();
        for (let row = 0; row < 5; row++) {
          for (let n = 0; n < 17; n++) expect<bool>(isNaN(out.get(row, n))).toBe(row == 2, product.name);
        }
      }
    }
  });
});
