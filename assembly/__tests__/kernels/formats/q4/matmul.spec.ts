import { UNPACKED_BYTES, matmulQ4 } from '../../../../kernels/formats/q4/matmul';
import { packLinearQ4_0 } from '../../../../kernels/formats/q4/pack';
import { preferDotAdd } from '../../../../kernels/formats/q8/matmul';
import { quantizeRowsQ4 } from '../../../../kernels/formats/quantize';
import { padded, WEIGHTS_Q4 } from '../../../../abi';
import { ACTIVATIONS_BYTES } from '../../../../kernels/formats/q4/layout';
import { decodeF16, transpose } from '../../../../reference/pack';
import { plainError, searchedError, squaredError, unpackedQ4 } from '../../../../reference/q4';
import { Quantized, quantizeActivations } from '../../../../reference/q8';
import { ACTIVATION_BYTES } from '../../../../simd';
import {
  DEPTHS,
  MAX_ROWS,
  QuantizedProduct,
  WIDTHS,
  blocksOf,
  checkCounts,
  checkSpoiltRow,
  differences,
  forAllSizes,
  packColumns,
  packRows,
  panelRoom,
} from '../../../quantized';
import {
  Rows,
  expectInside,
  expectSameBits,
  guardNull,
  randomArray,
  randomBelow,
  randomIntegers,
  seed,
  unevenArray,
} from '../../../support';

/** 4-byte words of a block of a panel, and of a block of an activation row. */
const PANEL_WORDS: i32 = 72;
const ROW_WORDS: i32 = <i32>ACTIVATIONS_BYTES / 4;

/** A matrix [K, N] packed from its rows, `step` at a time. */
function packedConv1d(w: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  return packRows(panelRoom(K, N, PANEL_WORDS), WEIGHTS_Q4, w, K, N, step);
}

/** A matrix [K, N] packed from its columns [N, K], `step` at a time. */
function packedLinear(columns: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  return packColumns(panelRoom(K, N, PANEL_WORDS), WEIGHTS_Q4, columns, K, N, step);
}

/**
 * Fails unless panels hold each weight of [N, K] as the nearest step of its scale, with no larger error than
 * the reference's search.
 */
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
      // The scale is rounded to 11 bits, possibly in the other direction.
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

let wrong = 0;
/** Decodes rows of activations; counts in `wrong` the stored corrections that are not -8 x the sum. */
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

class ProductQ4 extends QuantizedProduct {
  packed: Rows;

  constructor(
    rows: i32,
    K: i32,
    N: i32,
    hasBias: bool,
    accumulate: bool,
    x: StaticArray<f32> = unevenArray(rows * K),
    w: StaticArray<f32> = unevenArray(K * N),
  ) {
    super(rows, K, N, hasBias, accumulate, x, w);
    this.packed = packedConv1d(w, K, N, 32);
  }

  protected levels(): f32 {
    return 127;
  }

  /** The weights as packed; another test checks the search for scales. */
  protected weights(): Quantized<i32> {
    return unpackedQ4(this.packed.pointer(), this.K, this.N);
  }

  protected multiply(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32): void {
    const quantized = new Rows(1, rows * blocksOf(this.K) * ROW_WORDS);
    const scratch = new Rows(1, <i32>UNPACKED_BYTES / 4);
    const a = quantized.pointer();
    quantizeRowsQ4(a, x, xStride, rows, this.K);
    const w = this.packed.pointer();
    const bias = this.biasOrNull;
    matmulQ4(out, outStride, a, rows, w, bias, this.K, this.N, this.accumulate, scratch.pointer());
    expectInside(scratch, scratch.columns, this.name + ', scratch');
  }
}

function create(rows: i32, K: i32, N: i32, hasBias: bool, accumulate: bool): QuantizedProduct {
  return new ProductQ4(rows, K, N, hasBias, accumulate);
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
      // A clamped weight is up to 1.5 steps of 8.5 off; the constant is 8 x half the smallest f16.
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
      const out = panelRoom(K, N, PANEL_WORDS);
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

  it('quantizes activations as the reference, with the correction for the 8 in stored weights', () => {
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

  it('is within the rounding bound of the reference', () => {
    seed(5);
    forAllSizes(create, (product) => product.check());
  });

  it('gives each row the bits it has alone', () => {
    seed(6);
    forAllSizes(create, (product) => product.checkRowsAlone());
  });

  it('gives 1 to 20 rows and 132 the bits they have alone, by either dot product', () => {
    seed(11);
    for (let dotAdd = 0; dotAdd < 2; dotAdd++) {
      preferDotAdd(dotAdd == 1);
      checkCounts(create);
    }
    preferDotAdd(false);
  });

  it('gives the same bits where dotAdd is preferred', () => {
    seed(12);
    forAllSizes(create, (product) => product.checkDotAdd());
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
      new ProductQ4(rows, 64, 17, false, false, x, w).checkExact();
    }
  });

  it('holds the largest sums: every number at an end of its range', () => {
    seed(8);
    // Equal signs, signs equal in pairs, and random signs, for activations and weights independently.
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
      // One weight in each block makes the scale 1.
      for (let n = 0; n < 16; n++) for (let k = 0; k < 64; k += 32) w[(k + n) * 16 + n] = -8;
      new ProductQ4(5, 64, 16, false, false, x, w).checkExact();
    }
  });

  it('lets NaN and infinity of an input show in its row and in no other', () => {
    seed(9);
    checkSpoiltRow(create);
  });
});
