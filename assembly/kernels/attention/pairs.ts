import { PANEL } from '../../abi';

/*
 * The product of rows of i16 with panels of i8: [ceil(N / 16)][K / 2][16 columns][2 k]. Sums are i32 and exact.
 */

/** Bytes of 16 columns of two k. */
// @ts-ignore: decorator
@inline
const STEP_BYTES: usize = 32;

/** Adds the products of two k with four columns. */
// @ts-ignore: decorator
@inline
function add4(sum: v128, w: usize, x: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(w), x));
}

/** One row of a panel, or of two panels at once. */
// @ts-ignore: decorator
@inline
function row(out: usize, x: usize, w: usize, next: usize, K: i32, two: bool): void {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (const end = x + ((<usize>K) << 1); x < end; x += 4) {
    const input = v128.load32_splat(x);
    s0 = add4(s0, w, input);
    s1 = add4(s1, w + 8, input);
    s2 = add4(s2, w + 16, input);
    s3 = add4(s3, w + 24, input);
    w += STEP_BYTES;
    if (two) {
      s4 = add4(s4, next, input);
      s5 = add4(s5, next + 8, input);
      s6 = add4(s6, next + 16, input);
      s7 = add4(s7, next + 24, input);
      next += STEP_BYTES;
    }
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  if (!two) return;
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
}

/** Four rows of 8 columns of a panel; the last row is repeated if there are fewer. */
function tile(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  w: usize,
  K: i32,
): void {
  const last = <usize>(rows - 1);
  const row1 = min(1, last);
  const row2 = min(2, last);
  const row3 = min(3, last);
  let x0 = x + 0;
  let x1 = x + xStride * row1;
  let x2 = x + xStride * row2;
  let x3 = x + xStride * row3;
  let s00 = i32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = x0 + ((<usize>K) << 1);
  while (x0 < end) {
    const w0 = v128.load8x8_s(w);
    const w1 = v128.load8x8_s(w, 8);
    let input = v128.load32_splat(x0);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(w0, input));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(w1, input));
    input = v128.load32_splat(x1);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(w0, input));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(w1, input));
    input = v128.load32_splat(x2);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(w0, input));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(w1, input));
    input = v128.load32_splat(x3);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(w0, input));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(w1, input));
    w += STEP_BYTES;
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out + outStride * row1, s10);
  v128.store(out + outStride * row1, s11, 16);
  v128.store(out + outStride * row2, s20);
  v128.store(out + outStride * row2, s21, 16);
  v128.store(out + outStride * row3, s30);
  v128.store(out + outStride * row3, s31, 16);
}

/**
 * out[rows, N] = x[rows, K] . w[K, N], where K is even, x is i16 and out i32. Panels of `w` are `panelStride`
 * bytes apart. Whole panels are written, so rows of `out` have room for N rounded up to 16.
 */
export function matmulPairs(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  w: usize,
  panelStride: usize,
  K: i32,
  N: i32,
): void {
  if (rows == 1) {
    let n = 0;
    for (; n + PANEL < N; n += 2 * PANEL) {
      row(out, x, w, w + panelStride, K, true);
      out += 8 * PANEL;
      w += 2 * panelStride;
    }
    if (n < N) row(out, x, w, w, K, false);
    return;
  }
  for (let n = 0; n < N; n += PANEL) {
    for (let first = 0; first < rows; first += 4) {
      const left = min(4, rows - first);
      const rowOut = out + outStride * first;
      const rowX = x + xStride * first;
      tile(rowOut, outStride, rowX, xStride, left, w, K);
      tile(rowOut + 32, outStride, rowX, xStride, left, w + 16, K);
    }
    out += 4 * PANEL;
    w += panelStride;
  }
}
