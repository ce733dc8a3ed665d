import { PANEL, PANEL_BYTES } from '../../../abi';
import { FUSED, madd } from '../../../simd';
import { FETCHED_LENGTH, fetchLines } from '../fetch';

/** Whether `matmul` has tiles of 12 sums; set once, before the first call. */
let tallTiles: bool = false;

/**
 * Allows tiles of 12 sums, 6 rows of 8 columns or 3 of 16, where the build and the engine's register
 * allocator carry them. The results are the same to the last bit.
 */
export function allowTallTiles(allowed: bool): void {
  tallTiles = FUSED && allowed;
}

/*
 * Every sum starts at `initial` and runs over k in order, so the height of a tile and the number of rows
 * never change a result. If a tile has more rows than are left, it repeats the last row, stores included. The
 * pointers that a loop increments are results of additions, which engines know to be 32-bit clean: a
 * parameter would cost an instruction at every use. Each tile is called from two places, so that the compiler
 * does not inline it and it has all registers.
 *
 * One or two rows of 16 columns need less time than the panel needs from memory, so they read it as one
 * stream. For more rows it is fetched first, and each tile then reads it from the cache.
 */

/** Initial value of four accumulators: bias plus, if `accumulate`, the existing output. */
// @ts-ignore: decorator
@inline
export function initial(out: usize, bias: usize, column: usize, accumulate: bool): v128 {
  const b = bias ? v128.load(bias + column) : f32x4.splat(0);
  return accumulate ? f32x4.add(b, v128.load(out)) : b;
}

/** Sets the 16 columns of each row of `out` to `initial`. */
export function beginRows(out: usize, outStride: usize, rows: i32, bias: usize, accumulate: bool): void {
  for (let row = 0; row < rows; row++) {
    for (let column: usize = 0; column < PANEL_BYTES; column += 16) {
      v128.store(out + column, initial(out + column, bias, column, accumulate));
    }
    out += outStride;
  }
}

/** Rows row.. row + 3, or with `tall` row + 5, of the 8 columns from byte `half` of a panel. */
// @ts-ignore: decorator
@inline
function tile(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  row: i32,
  rows: i32,
  w: usize,
  bias: usize,
  half: usize,
  K: i32,
  accumulate: bool,
  tall: bool,
): void {
  const last = rows - 1;
  out += half;
  const out0 = out + outStride * row;
  const out1 = out + outStride * min(row + 1, last);
  const out2 = out + outStride * min(row + 2, last);
  const out3 = out + outStride * min(row + 3, last);
  const out4 = tall ? out + outStride * min(row + 4, last) : out3;
  const out5 = tall ? out + outStride * min(row + 5, last) : out3;
  let x0 = x + xStride * row;
  let x1 = x + xStride * min(row + 1, last);
  let x2 = x + xStride * min(row + 2, last);
  let x3 = x + xStride * min(row + 3, last);
  let x4 = tall ? x + xStride * min(row + 4, last) : x3;
  let x5 = tall ? x + xStride * min(row + 5, last) : x3;
  let s00 = initial(out0, bias, half, accumulate);
  let s01 = initial(out0 + 16, bias, half + 16, accumulate);
  let s10 = initial(out1, bias, half, accumulate);
  let s11 = initial(out1 + 16, bias, half + 16, accumulate);
  let s20 = initial(out2, bias, half, accumulate);
  let s21 = initial(out2 + 16, bias, half + 16, accumulate);
  let s30 = initial(out3, bias, half, accumulate);
  let s31 = initial(out3 + 16, bias, half + 16, accumulate);
  let s40 = tall ? initial(out4, bias, half, accumulate) : s30;
  let s41 = tall ? initial(out4 + 16, bias, half + 16, accumulate) : s30;
  let s50 = tall ? initial(out5, bias, half, accumulate) : s30;
  let s51 = tall ? initial(out5 + 16, bias, half + 16, accumulate) : s30;
  let weights = w + half;
  const end = x0 + ((<usize>K) << 2);
  // One k an iteration: if unrolled, engines load every input first and spill the sums.
  while (x0 < end) {
    const w0 = v128.load(weights);
    const w1 = v128.load(weights, 16);
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
    if (tall) {
      input = v128.load32_splat(x4);
      s40 = madd(input, w0, s40);
      s41 = madd(input, w1, s41);
      input = v128.load32_splat(x5);
      s50 = madd(input, w0, s50);
      s51 = madd(input, w1, s51);
    }
    weights += PANEL_BYTES;
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    if (tall) {
      x4 += 4;
      x5 += 4;
    }
  }
  v128.store(out0, s00);
  v128.store(out0, s01, 16);
  v128.store(out1, s10);
  v128.store(out1, s11, 16);
  v128.store(out2, s20);
  v128.store(out2, s21, 16);
  v128.store(out3, s30);
  v128.store(out3, s31, 16);
  if (!tall) return;
  v128.store(out4, s40);
  v128.store(out4, s41, 16);
  v128.store(out5, s50);
  v128.store(out5, s51, 16);
}

function tile6(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  row: i32,
  rows: i32,
  w: usize,
  bias: usize,
  half: usize,
  K: i32,
  accumulate: bool,
): void {
  tile(out, outStride, x, xStride, row, rows, w, bias, half, K, accumulate, true);
}

function tile4(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  row: i32,
  rows: i32,
  w: usize,
  bias: usize,
  half: usize,
  K: i32,
  accumulate: bool,
): void {
  tile(out, outStride, x, xStride, row, rows, w, bias, half, K, accumulate, false);
}

/** Rows 0 and 1, or with `three` 0 to 2, of 16 columns. */
// @ts-ignore: decorator
@inline
function wide(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  w: usize,
  bias: usize,
  K: i32,
  accumulate: bool,
  three: bool,
): void {
  const out0 = out;
  const out1 = out0 + outStride;
  const out2 = three ? out1 + outStride : out1;
  // One k back: between its two halves, an iteration increments the pointers, so that no compiler sees that
  // both load the same inputs and keeps them in registers, of which there are too few.
  let x0 = x - 4;
  let x1 = x0 + xStride;
  let x2 = three ? x1 + xStride : x1;
  let s00 = initial(out0, bias, 0, accumulate);
  let s01 = initial(out0 + 16, bias, 16, accumulate);
  let s02 = initial(out0 + 32, bias, 32, accumulate);
  let s03 = initial(out0 + 48, bias, 48, accumulate);
  let s10 = initial(out1, bias, 0, accumulate);
  let s11 = initial(out1 + 16, bias, 16, accumulate);
  let s12 = initial(out1 + 32, bias, 32, accumulate);
  let s13 = initial(out1 + 48, bias, 48, accumulate);
  let s20 = three ? initial(out2, bias, 0, accumulate) : s10;
  let s21 = three ? initial(out2 + 16, bias, 16, accumulate) : s10;
  let s22 = three ? initial(out2 + 32, bias, 32, accumulate) : s10;
  let s23 = three ? initial(out2 + 48, bias, 48, accumulate) : s10;
  let weights = w + 0;
  const end = x0 + ((<usize>K) << 2);
  while (x0 < end) {
    let w0 = v128.load(weights);
    let w1 = v128.load(weights, 16);
    let input = v128.load32_splat(x0, 4);
    s00 = madd(input, w0, s00);
    s01 = madd(input, w1, s01);
    input = v128.load32_splat(x1, 4);
    s10 = madd(input, w0, s10);
    s11 = madd(input, w1, s11);
    if (three) {
      input = v128.load32_splat(x2, 4);
      s20 = madd(input, w0, s20);
      s21 = madd(input, w1, s21);
    }
    x0 += 4;
    x1 += 4;
    if (three) x2 += 4;
    w0 = v128.load(weights, 32);
    w1 = v128.load(weights, 48);
    input = v128.load32_splat(x0);
    s02 = madd(input, w0, s02);
    s03 = madd(input, w1, s03);
    input = v128.load32_splat(x1);
    s12 = madd(input, w0, s12);
    s13 = madd(input, w1, s13);
    if (three) {
      input = v128.load32_splat(x2);
      s22 = madd(input, w0, s22);
      s23 = madd(input, w1, s23);
    }
    weights += PANEL_BYTES;
  }
  v128.store(out0, s00);
  v128.store(out0, s01, 16);
  v128.store(out0, s02, 32);
  v128.store(out0, s03, 48);
  v128.store(out1, s10);
  v128.store(out1, s11, 16);
  v128.store(out1, s12, 32);
  v128.store(out1, s13, 48);
  if (!three) return;
  v128.store(out2, s20);
  v128.store(out2, s21, 16);
  v128.store(out2, s22, 32);
  v128.store(out2, s23, 48);
}

function wide3(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  w: usize,
  bias: usize,
  K: i32,
  accumulate: bool,
): void {
  wide(out, outStride, x, xStride, w, bias, K, accumulate, true);
}

function wide2(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  w: usize,
  bias: usize,
  K: i32,
  accumulate: bool,
): void {
  wide(out, outStride, x, xStride, w, bias, K, accumulate, false);
}

/** One row of 16 columns; reads the panel as one stream, because memory bandwidth is the limit. */
// @ts-ignore: decorator
@inline
function row16(out: usize, x: usize, w: usize, bias: usize, K: i32, accumulate: bool): void {
  let s0 = initial(out, bias, 0, accumulate);
  let s1 = initial(out + 16, bias, 16, accumulate);
  let s2 = initial(out + 32, bias, 32, accumulate);
  let s3 = initial(out + 48, bias, 48, accumulate);
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
    if (rows > 2 && K >= FETCHED_LENGTH) fetchLines(w, w + (<usize>K) * PANEL_BYTES);
    let row = 0;
    while (row < rows) {
      const left = rows - row;
      const o = out + outStride * row;
      const input = x + xStride * row;
      if (left == 1) {
        row16(o, input, w, bias, K, accumulate);
        row += 1;
      } else if (left == 2) {
        wide2(o, outStride, input, xStride, w, bias, K, accumulate);
        row += 2;
      } else if (FUSED && tallTiles && (left == 3 || left == 5)) {
        wide3(o, outStride, input, xStride, w, bias, K, accumulate);
        row += 3;
      } else if (FUSED && tallTiles && (left == 6 || left > 8)) {
        tile6(out, outStride, x, xStride, row, rows, w, bias, 0, K, accumulate);
        tile6(out, outStride, x, xStride, row, rows, w, bias, 32, K, accumulate);
        row += 6;
      } else {
        tile4(out, outStride, x, xStride, row, rows, w, bias, 0, K, accumulate);
        tile4(out, outStride, x, xStride, row, rows, w, bias, 32, K, accumulate);
        row += 4;
      }
    }
    out += PANEL_BYTES;
    w += panelStride;
    if (bias) bias += PANEL_BYTES;
  }
}
