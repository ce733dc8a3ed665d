import { decode } from '../../../../kernels/decode';
import { packConv1dF32, packLinearF32, packRows } from '../../../../kernels/formats/f32/pack';
import { BF16, F16, F32, padded } from '../../../../abi';
import { decodeBF16, decodeF16, panels, transpose } from '../../../../reference/pack';
import { Rows, expectInside, expectSameBits, randomArray, rowsOf, seed } from '../../../support';

const SIZES: i32[] = [1, 3, 5, 15, 16, 17, 36, 101];

/** Fills panels before packing, to show parts that are not written. */
const UNTOUCHED: f32 = 12345;

/** Decodes all 65,536 patterns, in runs of `run`, and counts the wrong ones. */
function wrongPatterns(dtype: i32, reference: (bits: i32) => f64, run: i32): i32 {
  const source = new StaticArray<u16>(65536);
  for (let i = 0; i < 65536; i++) source[i] = <u16>i;
  const out = new StaticArray<f32>(65536);
  for (let i = 0; i < 65536; i += run) {
    decode(
      changetype<usize>(out) + (i << 2),
      changetype<usize>(source) + (i << 1),
      dtype,
      min(run, 65536 - i),
    );
  }
  let wrong = 0;
  for (let i = 0; i < 65536; i++) {
    const expected = <f32>reference(i);
    const same = isNaN(expected) ? isNaN(out[i]) : reinterpret<u32>(out[i]) == reinterpret<u32>(expected);
    if (!same) wrong++;
  }
  return wrong;
}

/** Packs a matrix [K, N] into filled panels, `step` rows of its source at a time. */
function packed(source: StaticArray<f32>, K: i32, N: i32, step: i32, linear: bool): Rows {
  const out = Rows.vector(new StaticArray<f32>(K * padded(N)).fill(UNTOUCHED));
  const rows = linear ? N : K;
  for (let first = 0; first < rows; first += step) {
    const count = min(step, rows - first);
    const part = rowsOf(source, linear ? K : N, first, first + count);
    if (linear) packLinearF32(out.pointer(), changetype<usize>(part), first, count, K);
    else packConv1dF32(out.pointer(), changetype<usize>(part), first, count, K, N);
  }
  return out;
}

describe('pack', () => {
  it('decodes all 65,536 halves exactly', () => {
    expect<i32>(wrongPatterns(F16, decodeF16, 65536)).toBe(0, 'four at a time');
    expect<i32>(wrongPatterns(F16, decodeF16, 1)).toBe(0, 'one at a time');
    expect<i32>(wrongPatterns(F16, decodeF16, 7)).toBe(0, 'seven at a time');
  });

  it('decodes all 65,536 bfloat16 exactly', () => {
    expect<i32>(wrongPatterns(BF16, decodeBF16, 65536)).toBe(0, 'four at a time');
    expect<i32>(wrongPatterns(BF16, decodeBF16, 1)).toBe(0, 'one at a time');
    expect<i32>(wrongPatterns(BF16, decodeBF16, 7)).toBe(0, 'seven at a time');
  });

  it('decodes known numbers', () => {
    const source: StaticArray<u16> = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0xfc00];
    const out = new Rows(1, 6);
    decode(out.pointer(), changetype<usize>(source), F16, 6);
    expect<f32>(out.get(0, 0)).toBe(1);
    expect<f32>(out.get(0, 1)).toBe(-2);
    expect<f32>(out.get(0, 2)).toBe(65504);
    expect<f32>(out.get(0, 3)).toBe(6.103515625e-5);
    expect<f32>(out.get(0, 4)).toBe(5.960464477539063e-8);
    expect<f32>(out.get(0, 5)).toBe(-Infinity);
  });

  it('copies f32 bit by bit and writes no more numbers than asked for', () => {
    seed(1);
    for (let i = 0; i < SIZES.length; i++) {
      const n = SIZES[i];
      const source = Rows.vector(randomArray(n));
      store<u32>(source.pointer(), 0xff812345); // a NaN with a payload
      for (let dtype = F32; dtype <= BF16; dtype++) {
        const out = new Rows(1, n);
        decode(out.pointer(), source.pointer(), dtype, n);
        expectInside(out, n, n.toString() + ' numbers');
        if (dtype == F32) expectSameBits(out, source, n.toString() + ' numbers');
      }
    }
  });

  it('puts [K, N] matrices into panels, in any number of parts, and leaves missing columns', () => {
    seed(2);
    for (let k = 0; k < SIZES.length; k++) {
      for (let n = 0; n < SIZES.length; n++) {
        const K = SIZES[k];
        const N = SIZES[n];
        const w = randomArray(K * N);
        const expected = Rows.vector(panels(w, K, N, UNTOUCHED));
        for (let step = 1; step <= K; step += 7) {
          const out = packed(w, K, N, step, false);
          const what = K.toString() + ' x ' + N.toString() + ' by ' + step.toString();
          expectSameBits(out, expected, what);
          expectInside(out, out.columns, what);
        }
      }
    }
  });

  it('puts [N, K] matrices into the panels of their transpose, in any number of parts', () => {
    seed(3);
    for (let k = 0; k < SIZES.length; k++) {
      for (let n = 0; n < SIZES.length; n++) {
        const K = SIZES[k];
        const N = SIZES[n];
        const w = randomArray(N * K);
        const expected = Rows.vector(panels(transpose(w, N, K), K, N, UNTOUCHED));
        for (let step = 1; step <= N; step += 7) {
          const out = packed(w, K, N, step, true);
          const what = N.toString() + ' x ' + K.toString() + ' by ' + step.toString();
          expectSameBits(out, expected, what);
          expectInside(out, out.columns, what);
        }
      }
    }
  });

  it('puts rows at their stride', () => {
    seed(4);
    for (let i = 0; i < SIZES.length; i++) {
      const source = randomArray(5 * SIZES[i]);
      const out = new Rows(5, SIZES[i]);
      packRows(out.pointer(), out.strideBytes, changetype<usize>(source), 5, SIZES[i]);
      expectSameBits(out, Rows.of(source, SIZES[i]), SIZES[i].toString() + ' columns');
      expectInside(out, SIZES[i], SIZES[i].toString() + ' columns');
    }
  });
});
