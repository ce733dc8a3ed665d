import { PANEL, PANEL_BYTES } from '../layout';
import { FUSED, madd } from '../simd';

/** Inputs of a panel worked through by all rows before the next: 16 KiB of weights and the tile's inputs stay in L1. */
const DEPTH: i32 = 256;

/** Rows in the tallest tile of `matmul`; set once, before the first call. */
let tileRows: i32 = 4;

/**
 * Allows tiles of 6 rows where the build and the engine's register allocator carry them; 4 otherwise.
 * The results are the same to the last bit.
 */
export function allowTallTiles(allowed: bool): void {
  tileRows = FUSED && allowed ? 6 : 4;
}

/*
 * Every sum begins with what `initial` gives and runs over k in order, whatever the tile: neither the number of
 * rows nor the cutting of K changes a result. Rows beyond `valid` repeat the last valid one, stores included.
 */

/** What four sums begin with: bias + what was there. */
// @ts-ignore: decorator
@inline
function initial(out: usize, bias: usize, accumulate: bool): v128 {
  const b = bias ? v128.load(bias) : f32x4.splat(0);
  return accumulate ? f32x4.add(b, v128.load(out)) : b;
}

/** 6 rows of 8 columns. */
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
  const out1 = valid > 1 ? out + outStride : out;
  const out2 = valid > 2 ? out1 + outStride : out1;
  const out3 = valid > 3 ? out2 + outStride : out2;
  const out4 = valid > 4 ? out3 + outStride : out3;
  const out5 = valid > 5 ? out4 + outStride : out4;
  let x1 = valid > 1 ? x + xStride : x;
  let x2 = valid > 2 ? x1 + xStride : x1;
  let x3 = valid > 3 ? x2 + xStride : x2;
  let x4 = valid > 4 ? x3 + xStride : x3;
  let x5 = valid > 5 ? x4 + xStride : x4;
  let s00 = initial(out, bias, accumulate);
  let s01 = initial(out + 16, bias ? bias + 16 : 0, accumulate);
  let s10 = initial(out1, bias, accumulate);
  let s11 = initial(out1 + 16, bias ? bias + 16 : 0, accumulate);
  let s20 = initial(out2, bias, accumulate);
  let s21 = initial(out2 + 16, bias ? bias + 16 : 0, accumulate);
  let s30 = initial(out3, bias, accumulate);
  let s31 = initial(out3 + 16, bias ? bias + 16 : 0, accumulate);
  let s40 = initial(out4, bias, accumulate);
  let s41 = initial(out4 + 16, bias ? bias + 16 : 0, accumulate);
  let s50 = initial(out5, bias, accumulate);
  let s51 = initial(out5 + 16, bias ? bias + 16 : 0, accumulate);
  const end = x + ((<usize>K) << 2);
  // One k a turn: unrolled further, engines load every input first and spill the sums.
  while (x < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let input = v128.load32_splat(x);
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
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out1, s10);
  v128.store(out1, s11, 16);
  v128.store(out2, s20);
  v128.store(out2, s21, 16);
  v128.store(out3, s30);
  v128.store(out3, s31, 16);
  v128.store(out4, s40);
  v128.store(out4, s41, 16);
  v128.store(out5, s50);
  v128.store(out5, s51, 16);
}

/** 4 rows of 8 columns. */
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
  const out1 = valid > 1 ? out + outStride : out;
  const out2 = valid > 2 ? out1 + outStride : out1;
  const out3 = valid > 3 ? out2 + outStride : out2;
  let x1 = valid > 1 ? x + xStride : x;
  let x2 = valid > 2 ? x1 + xStride : x1;
  let x3 = valid > 3 ? x2 + xStride : x2;
  let s00 = initial(out, bias, accumulate);
  let s01 = initial(out + 16, bias ? bias + 16 : 0, accumulate);
  let s10 = initial(out1, bias, accumulate);
  let s11 = initial(out1 + 16, bias ? bias + 16 : 0, accumulate);
  let s20 = initial(out2, bias, accumulate);
  let s21 = initial(out2 + 16, bias ? bias + 16 : 0, accumulate);
  let s30 = initial(out3, bias, accumulate);
  let s31 = initial(out3 + 16, bias ? bias + 16 : 0, accumulate);
  const end = x + ((<usize>K) << 2);
  // One k a turn: unrolled further, engines load every input first and spill the sums.
  while (x < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let input = v128.load32_splat(x);
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
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out1, s10);
  v128.store(out1, s11, 16);
  v128.store(out2, s20);
  v128.store(out2, s21, 16);
  v128.store(out3, s30);
  v128.store(out3, s31, 16);
}

/** One row of 16 columns, reading the panel as one unbroken stream: the memory's speed is the limit here. */
// @ts-ignore: decorator
@inline
function row16(out: usize, x: usize, w: usize, bias: usize, K: i32, accumulate: bool): void {
  let s0 = initial(out, bias, accumulate);
  let s1 = initial(out + 16, bias ? bias + 16 : 0, accumulate);
  let s2 = initial(out + 32, bias ? bias + 32 : 0, accumulate);
  let s3 = initial(out + 48, bias ? bias + 48 : 0, accumulate);
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
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/** One panel, or a part of its K, for all rows. */
function panel(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  w: usize,
  bias: usize,
  K: i32,
  accumulate: bool,
): void {
  const bias8 = bias ? bias + 32 : 0;
  while (rows > 0) {
    let height = 1;
    if (rows == 1) {
      row16(out, x, w, bias, K, accumulate);
    } else if (FUSED && tileRows == 6 && rows > 4) {
      height = min(rows, 6);
      tile6(out, outStride, x, xStride, height, w, bias, K, accumulate);
      tile6(out + 32, outStride, x, xStride, height, w + 32, bias8, K, accumulate);
    } else {
      height = min(rows, 4);
      tile4(out, outStride, x, xStride, height, w, bias, K, accumulate);
      tile4(out + 32, outStride, x, xStride, height, w + 32, bias8, K, accumulate);
    }
    out += outStride * height;
    x += xStride * height;
    rows -= height;
  }
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
  const depth = rows == 1 ? K : DEPTH;
  for (let n = 0; n < N; n += PANEL) {
    panel(out, outStride, x, xStride, rows, w, bias, min(K, depth), accumulate);
    for (let k = depth; k < K; k += depth) {
      const part = w + (<usize>k) * PANEL_BYTES;
      panel(out, outStride, x + ((<usize>k) << 2), xStride, rows, part, 0, min(K - k, depth), true);
    }
    out += PANEL_BYTES;
    w += panelStride;
    if (bias) bias += PANEL_BYTES;
  }
}
