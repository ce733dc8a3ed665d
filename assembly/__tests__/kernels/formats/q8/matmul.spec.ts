import { matmulQ8, preferDotAdd } from '../../../../kernels/formats/q8/matmul';
import { preparedBytes } from '../../../../kernels/formats/q8/rows';
import { tileScratchBytes } from '../../../../kernels/formats/q8/tile';
import { packLinearQ8_0 } from '../../../../kernels/formats/q8/pack';
import { quantizeRows } from '../../../../kernels/formats/quantize';
import { padded, WEIGHTS_Q8 } from '../../../../abi';
import { ACTIVATIONS_BYTES } from '../../../../kernels/formats/q8/layout';
import { decodeF16, transpose } from '../../../../reference/pack';
import { Quantized, quantizeActivations, quantizeWeights } from '../../../../reference/q8';
import { ACTIVATION_BYTES, ZERO_POINT } from '../../../../simd';
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
  guardNull,
  randomArray,
  randomBits,
  randomIntegers,
  seed,
  unevenArray,
} from '../../../support';

/** 4-byte words of a block of a panel, and of a block of an activation row. */
const PANEL_WORDS: i32 = 136;
const ROW_WORDS: i32 = 8 * ACTIVATION_BYTES + 1;

/** A matrix [K, N] packed from its rows, `step` at a time. */
function packedConv1d(w: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  return packRows(panelRoom(K, N, PANEL_WORDS), WEIGHTS_Q8, w, K, N, step);
}

/** A matrix [K, N] packed from its columns, `step` at a time. */
function packedLinear(w: StaticArray<f32>, K: i32, N: i32, step: i32): Rows {
  return packColumns(panelRoom(K, N, PANEL_WORDS), WEIGHTS_Q8, transpose(w, K, N), K, N, step);
}

/** Random blocks of ggml's Q8_0, 34 bytes each, with scales of both signs. */
function randomBlocks(count: i32): StaticArray<u8> {
  const out = new StaticArray<u8>(count * 34);
  for (let i = 0; i < out.length; i++) out[i] = <u8>(randomBits() >> 8);
  for (let b = 0; b < count; b++) out[b * 34 + 1] &= randomBits() & 0x700 ? 0x3b : 0xbb; // finite, some negative
  return out;
}

/**
 * Decodes rows of Q8_0 blocks by the format's definition; a negative scale becomes positive and its numbers
 * change sign.
 */
function ofBlocks(source: StaticArray<u8>, N: i32, K: i32): Quantized<i32> {
  const out = new Quantized<i32>(N, K);
  for (let n = 0; n < N; n++) {
    for (let b = 0; b < out.blocks; b++) {
      const at = changetype<usize>(source) + (n * out.blocks + b) * 34;
      const scale = <i32>load<u16>(at);
      out.scales[n * out.blocks + b] = scale & 0x7fff;
      for (let i = 0; i < 32; i++) {
        const value = <i32>load<i8>(at + 2 + i);
        out.set(n, b * 32 + i, scale & 0x8000 ? min(127, -value) : value);
      }
    }
  }
  return out;
}

/** Decodes panels by the layout's definition. */
function unpacked(panels: Rows, K: i32, N: i32): Quantized<i32> {
  const out = new Quantized<i32>(N, K);
  for (let n = 0; n < N; n++) {
    for (let b = 0; b < out.blocks; b++) {
      const block = panels.pointer() + ((n / 16) * out.blocks + b) * 544;
      out.scales[n * out.blocks + b] = <i32>load<u16>(block + 2 * (n % 16));
      for (let i = 0; i < 32; i++) {
        out.set(n, b * 32 + i, <i32>load<i8>(block + 32 + (i / 4) * 64 + (n % 16) * 4 + (i % 4)));
      }
    }
  }
  return out;
}

/** Quantized rows of activations as the kernel writes them, guarded. */
function quantizedRows(x: StaticArray<f32>, rows: i32, K: i32): Rows {
  const out = new Rows(1, rows * blocksOf(K) * ROW_WORDS);
  const from = Rows.of(x, K);
  quantizeRows(out.pointer(), ACTIVATIONS_BYTES * rows, from.pointer(), from.strideBytes, rows, K);
  return out;
}

/** Decodes quantized rows by the layout's definition. */
function unpackedRows(quantized: Rows, rows: i32, K: i32): Quantized<f32> {
  const out = new Quantized<f32>(rows, K);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < out.blocks; b++) {
      const block = quantized.pointer() + (b * rows + row) * 4 * ROW_WORDS;
      for (let i = 0; i < 32; i++) {
        const stored = ACTIVATION_BYTES == 1 ? <i32>load<u8>(block + i) : <i32>load<i16>(block + 2 * i);
        out.set(row, b * 32 + i, stored - ZERO_POINT);
      }
      out.scales[row * out.blocks + b] = load<f32>(block + 4 * ROW_WORDS - 4);
    }
  }
  return out;
}

class ProductQ8 extends QuantizedProduct {
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
    return 63;
  }

  protected weights(): Quantized<i32> {
    return quantizeWeights(transpose(this.w, this.K, this.N), this.N, this.K);
  }

  protected multiply(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32): void {
    const quantized = new Rows(1, rows * blocksOf(this.K) * ROW_WORDS);
    const scratch = new Rows(1, <i32>max(tileScratchBytes(rows), preparedBytes(this.K)) / 4);
    const a = quantized.pointer();
    quantizeRows(a, ACTIVATIONS_BYTES * rows, x, xStride, rows, this.K);
    const w = this.packed.pointer();
    const bias = this.biasOrNull;
    matmulQ8(out, outStride, a, rows, w, bias, this.K, this.N, this.accumulate, scratch.pointer());
    expectInside(scratch, scratch.columns, this.name + ', scratch');
  }
}

function create(rows: i32, K: i32, N: i32, hasBias: bool, accumulate: bool): QuantizedProduct {
  return new ProductQ8(rows, K, N, hasBias, accumulate);
}

describe('q8', () => {
  beforeAll(guardNull);

  it('packs weights as the reference quantizes them, from rows and from columns, in any number of parts', () => {
    seed(1);
    for (let k = 0; k < DEPTHS.length; k++) {
      for (let n = 0; n < WIDTHS.length; n++) {
        const K = DEPTHS[k];
        const N = WIDTHS[n];
        const w = unevenArray(K * N);
        const expected = quantizeWeights(transpose(w, K, N), N, K);
        const what = K.toString() + ' x ' + N.toString();
        for (let step = 32; step < K + 32; step += 32) {
          const rows = packedConv1d(w, K, N, step);
          expect<i32>(differences(unpacked(rows, K, N), expected)).toBe(0, what + ' from rows');
          expectInside(rows, rows.columns, what + ' from rows');
        }
        for (let step = 1; step <= N; step += 7) {
          const columns = packedLinear(w, K, N, step);
          expect<i32>(differences(unpacked(columns, K, N), expected)).toBe(0, what + ' from columns');
          expectInside(columns, columns.columns, what + ' from columns');
        }
      }
    }
  });

  it('packs blocks of Q8_0 as they are, in any number of parts', () => {
    seed(7);
    for (let K = 32; K <= 160; K += 64) {
      for (let n = 0; n < WIDTHS.length; n++) {
        const N = WIDTHS[n];
        const rowBytes = (K / 32) * 34;
        const source = randomBlocks((N * K) / 32);
        const what = K.toString() + ' x ' + N.toString();
        for (let step = 1; step <= N; step += 7) {
          const out = panelRoom(K, N, PANEL_WORDS);
          for (let first = 0; first < N; first += step) {
            const part = changetype<usize>(source) + first * rowBytes;
            packLinearQ8_0(out.pointer(), part, first, min(step, N - first), K);
          }
          expect<i32>(differences(unpacked(out, K, N), ofBlocks(source, N, K))).toBe(0, what);
          expectInside(out, out.columns, what);
        }
      }
    }
  });

  it('keeps each weight to half a step of its scale', () => {
    seed(2);
    const w = unevenArray(130 * 17);
    const q = unpacked(packedConv1d(w, 130, 17, 32), 130, 17);
    let worst: f64 = 0;
    for (let k = 0; k < 130; k++) {
      for (let n = 0; n < 17; n++) {
        const scale = decodeF16(q.scale(n, k / 32));
        const error = Math.abs(<f64>q.value(n, k) * scale - <f64>w[k * 17 + n]);
        worst = Math.max(worst, error / scale);
      }
    }
    expect<f64>(worst).toBeLessThanOrEqual(0.50001);
    expect<f64>(worst).toBeGreaterThan(0.4);
  });

  it('packs zeros, and magnitudes that a half scale only just holds', () => {
    seed(3);
    const magnitudes: f32[] = [0, 1e-30, 1e-6, 1e-3, 8e6];
    for (let i = 0; i < magnitudes.length; i++) {
      const w = randomArray(36 * 17, magnitudes[i]);
      const expected = quantizeWeights(transpose(w, 36, 17), 17, 36);
      const what = 'magnitude ' + magnitudes[i].toString();
      const packed = unpacked(packedConv1d(w, 36, 17, 32), 36, 17);
      for (let n = 0; n < 17; n++) {
        for (let k = 0; k < 36; k++) {
          // The numbers of a block with scale 0 are arbitrary.
          if (expected.scale(n, k / 32) == 0) expected.set(n, k, packed.value(n, k));
        }
      }
      expect<i32>(differences(packed, expected)).toBe(0, what);
    }
  });

  it('quantizes activations as the reference, each to half a step of its scale', () => {
    seed(4);
    for (let k = 0; k < DEPTHS.length; k++) {
      for (let rows = 1; rows <= MAX_ROWS; rows += 4) {
        const K = DEPTHS[k];
        const x = unevenArray(rows * K);
        for (let i = 0; i < min(K, 32); i++) x[i] = 0;
        const out = quantizedRows(x, rows, K);
        const got = unpackedRows(out, rows, K);
        const what = rows.toString() + ' x ' + K.toString();
        expect<i32>(differences(got, quantizeActivations(x, rows, K, 63))).toBe(0, what);
        expectInside(out, out.columns, what);
        let worst: f64 = 0;
        for (let i = 0; i < rows * K; i++) {
          const scale = <f64>got.scale(i / K, (i % K) / 32);
          const error = Math.abs(<f64>got.value(i / K, i % K) * scale - <f64>x[i]);
          if (scale > 0) worst = Math.max(worst, error / scale);
        }
        expect<f64>(worst).toBeLessThanOrEqual(0.5001, what);
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
    seed(10);
    for (let dotAdd = 0; dotAdd < 2; dotAdd++) {
      preferDotAdd(dotAdd == 1);
      checkCounts(create);
    }
    preferDotAdd(false);
  });

  it('gives the same bits where dotAdd is preferred', () => {
    seed(9);
    forAllSizes(create, (product) => product.checkDotAdd());
  });

  it('is exact where all scales are 1, in every build', () => {
    seed(7);
    for (let rows = 1; rows <= MAX_ROWS; rows++) {
      const x = randomIntegers(rows * 64, 63);
      const w = randomIntegers(64 * 17, 127);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < 64; k += 32) x[row * 64 + k] = k ? -63 : 63;
      }
      for (let n = 0; n < 17; n++) {
        for (let k = 0; k < 64; k += 32) w[(k + n) * 17 + n] = n % 2 ? -127 : 127;
      }
      new ProductQ8(rows, 64, 17, false, false, x, w).checkExact();
    }
  });

  it('holds the largest sums: every number at an end of its range', () => {
    for (let sign = -1; sign <= 1; sign += 2) {
      for (let rows = 1; rows <= MAX_ROWS; rows++) {
        const x = new StaticArray<f32>(rows * 128).fill(63);
        const w = new StaticArray<f32>(128 * 16).fill(127 * <f32>sign);
        const product = new ProductQ8(rows, 128, 16, false, false, x, w);
        product.checkExact();
        preferDotAdd(true);
        product.checkExact();
        preferDotAdd(false);
      }
    }
  });

  it('lets NaN and infinity of an input show in its row and in no other', () => {
    seed(8);
    checkSpoiltRow(create);
  });
});
