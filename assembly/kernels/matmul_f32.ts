import { PANEL, PANEL_BYTES } from '../layout';
import { FUSED, madd } from '../simd';

/** Rows in the tallest tile of `matmul`; set once, before the first call. */
let tileRows: i32 = 4;

/**
 * Allows tiles of 6 rows where the build and the engine's register allocator carry them; 4 otherwise.
 * The results are the same to the last bit.
 */
export function allowTallTiles(allowed: bool): void {
  tileRows = FUSED && allowed ? 6 : 4;
}

/** Writes 8 finished sums: sum + bias + what was there, in this order everywhere. */
// @ts-ignore: decorator
@inline
function store8(out: usize, s0: v128, s1: v128, bias: usize, accumulate: bool): void {
  if (bias) {
    s0 = f32x4.add(s0, v128.load(bias));
    s1 = f32x4.add(s1, v128.load(bias, 16));
  }
  if (accumulate) {
    s0 = f32x4.add(s0, v128.load(out));
    s1 = f32x4.add(s1, v128.load(out, 16));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}

/** 6 rows of 8 columns: each sum runs over k in order, so the tile's height never changes a result. */
// @ts-ignore: decorator
@inline
function tile6(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  valid: i32,
  w: usize,
  bias: usize,
  K: i32,
  accumulate: bool,
): void {
  let x0 = x;
  let x1 = valid > 1 ? x0 + xStride : x0;
  let x2 = valid > 2 ? x1 + xStride : x1;
  let x3 = valid > 3 ? x2 + xStride : x2;
  let x4 = valid > 4 ? x3 + xStride : x3;
  let x5 = valid > 5 ? x4 + xStride : x4;
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s40 = f32x4.splat(0);
  let s41 = f32x4.splat(0);
  let s50 = f32x4.splat(0);
  let s51 = f32x4.splat(0);
  const end = x + ((<usize>K) << 2);
  // One k a turn: unrolled further, engines load every input first and spill the sums.
  while (x0 < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let input = v128.load32_splat(x0);
    s00 = madd(input, w0, s00);
    s01 = madd(input, w1, s01);
    input = v128.load32_splat(x1);
    s10 = madd(input, w0, s10);
    s11 = madd(input, w1, s11);
    input = v128.load32_splat(x2);
    s20 = madd(input, w0, s20);
    s21 = madd(input, w1, s21);
    input = v128.load32_splat(x3);
    s30 = madd(input, w0, s30);
    s31 = madd(input, w1, s31);
    input = v128.load32_splat(x4);
    s40 = madd(input, w0, s40);
    s41 = madd(input, w1, s41);
    input = v128.load32_splat(x5);
    s50 = madd(input, w0, s50);
    s51 = madd(input, w1, s51);
    w += PANEL_BYTES;
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
  }
  store8(out, s00, s01, bias, accumulate);
  if (valid > 1) store8(out + outStride, s10, s11, bias, accumulate);
  if (valid > 2) store8(out + outStride * 2, s20, s21, bias, accumulate);
  if (valid > 3) store8(out + outStride * 3, s30, s31, bias, accumulate);
  if (valid > 4) store8(out + outStride * 4, s40, s41, bias, accumulate);
  if (valid > 5) store8(out + outStride * 5, s50, s51, bias, accumulate);
}

/** 4 rows of 8 columns: each sum runs over k in order, so the tile's height never changes a result. */
// @ts-ignore: decorator
@inline
function tile4(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  valid: i32,
  w: usize,
  bias: usize,
  K: i32,
  accumulate: bool,
): void {
  let x0 = x;
  let x1 = valid > 1 ? x0 + xStride : x0;
  let x2 = valid > 2 ? x1 + xStride : x1;
  let x3 = valid > 3 ? x2 + xStride : x2;
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  const end = x + ((<usize>K) << 2);
  // One k a turn: unrolled further, engines load every input first and spill the sums.
  while (x0 < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let input = v128.load32_splat(x0);
    s00 = madd(input, w0, s00);
    s01 = madd(input, w1, s01);
    input = v128.load32_splat(x1);
    s10 = madd(input, w0, s10);
    s11 = madd(input, w1, s11);
    input = v128.load32_splat(x2);
    s20 = madd(input, w0, s20);
    s21 = madd(input, w1, s21);
    input = v128.load32_splat(x3);
    s30 = madd(input, w0, s30);
    s31 = madd(input, w1, s31);
    w += PANEL_BYTES;
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  store8(out, s00, s01, bias, accumulate);
  if (valid > 1) store8(out + outStride, s10, s11, bias, accumulate);
  if (valid > 2) store8(out + outStride * 2, s20, s21, bias, accumulate);
  if (valid > 3) store8(out + outStride * 3, s30, s31, bias, accumulate);
}

/** One row of 16 columns, reading the panel as one unbroken stream: the memory's speed is the limit here. */
// @ts-ignore: decorator
@inline
function row16(out: usize, x: usize, w: usize, bias: usize, K: i32, accumulate: bool): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  const end = x + ((<usize>K) << 2);
  while (x < end) {
    const input = v128.load32_splat(x);
    s0 = madd(input, v128.load(w), s0);
    s1 = madd(input, v128.load(w, 16), s1);
    s2 = madd(input, v128.load(w, 32), s2);
    s3 = madd(input, v128.load(w, 48), s3);
    w += PANEL_BYTES;
    x += 4;
  }
  store8(out, s0, s1, bias, accumulate);
  store8(out + 32, s2, s3, bias ? bias + 32 : 0, accumulate);
}

/**
 * out[rows, N] = x[rows, K] . w[K, N] (+ bias[N]) (+ out), f32.
 *
 * `w` is in panels of 16 columns, `panelStride` bytes apart; whole panels are written, so rows of `out`
 * and `bias` have room for N rounded up to 16. Strides are in bytes; `bias` may be 0.
 */
export function matmul(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  w: usize,
  panelStride: usize,
  bias: usize,
  K: i32,
  N: i32,
  accumulate: bool,
): void {
  for (let n = 0; n < N; n += PANEL) {
    let o = out;
    let i = x;
    let left = rows;
    while (left > 0) {
      let height = left;
      if (left == 1) {
        row16(o, i, w, bias, K, accumulate);
      } else if (FUSED && tileRows == 6 && left > 4) {
        height = min(left, 6);
        tile6(o, outStride, i, xStride, height, w, bias, K, accumulate);
        tile6(o + 32, outStride, i, xStride, height, w + 32, bias ? bias + 32 : 0, K, accumulate);
      } else {
        height = min(left, 4);
        tile4(o, outStride, i, xStride, height, w, bias, K, accumulate);
        tile4(o + 32, outStride, i, xStride, height, w + 32, bias ? bias + 32 : 0, K, accumulate);
      }
      o += outStride * height;
      i += xStride * height;
      left -= height;
    }
    out += PANEL_BYTES;
    w += panelStride;
    if (bias) bias += PANEL_BYTES;
  }
}
