import { PANEL } from '../../abi';

/*
 * The product of rows of i16 with panels of i8 (kv/layout.ts). Sums are i32 and exact.
 *
 * A lane of 16 bits is 256 high + low, where low is a number + 128, so
 *
 *   sum(high x) = sum((lane >> 8) x)
 *   sum((low - 128) x) = sum(lane x) - 256 sum(high x) - 128 sum(x)
 *
 * which takes fewer instructions than widening both bytes. Sums may wrap around on the way.
 *
 * A row of x is i16 [K], K even; the last 8 bytes of its stride are -128 sum(x) (i32) and a scale (f32).
 */

/** Bytes of 16 columns of two k. */
// @ts-ignore: decorator
@inline
const STEP_BYTES: usize = 32;

// @ts-ignore: decorator
@inline
function add(sum: v128, w: v128, x: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(w, x));
}

/** Writes 8 columns: sums of lanes, which began with -128 sum(x), and of high bytes. */
// @ts-ignore: decorator
@inline
function end8(out: usize, lanes: v128, high: v128): void {
  v128.store(out, i32x4.sub(lanes, i32x4.shl(high, 8)));
  v128.store(out, high, 16);
}

/** One row of a panel, or of two panels at once. */
// @ts-ignore: decorator
@inline
function oneRow(out: usize, x: usize, xStride: usize, w: usize, next: usize, K: i32, two: bool): void {
  let lanes0 = v128.load32_splat(x + xStride - 8);
  let lanes1 = lanes0;
  let lanes2 = lanes0;
  let lanes3 = lanes0;
  let high0 = i32x4.splat(0);
  let high1 = high0;
  let high2 = high0;
  let high3 = high0;
  for (const end = x + ((<usize>K) << 1); x < end; x += 4) {
    const input = v128.load32_splat(x);
    const w0 = v128.load(w);
    lanes0 = add(lanes0, w0, input);
    high0 = add(high0, i16x8.shr_s(w0, 8), input);
    const w1 = v128.load(w, 16);
    lanes1 = add(lanes1, w1, input);
    high1 = add(high1, i16x8.shr_s(w1, 8), input);
    w += STEP_BYTES;
    if (two) {
      const w2 = v128.load(next);
      lanes2 = add(lanes2, w2, input);
      high2 = add(high2, i16x8.shr_s(w2, 8), input);
      const w3 = v128.load(next, 16);
      lanes3 = add(lanes3, w3, input);
      high3 = add(high3, i16x8.shr_s(w3, 8), input);
      next += STEP_BYTES;
    }
  }
  end8(out, lanes0, high0);
  end8(out + 32, lanes1, high1);
  if (!two) return;
  end8(out + 64, lanes2, high2);
  end8(out + 96, lanes3, high3);
}

/** Two rows of a panel. */
// @ts-ignore: decorator
@inline
function twoRows(out: usize, outStride: usize, x: usize, xStride: usize, w: usize, K: i32): void {
  let x0 = x + 0;
  let x1 = x + xStride;
  let lanes00 = v128.load32_splat(x1 - 8);
  let lanes01 = lanes00;
  let lanes10 = v128.load32_splat(x1 + xStride - 8);
  let lanes11 = lanes10;
  let high00 = i32x4.splat(0);
  let high01 = high00;
  let high10 = high00;
  let high11 = high00;
  for (const end = x0 + ((<usize>K) << 1); x0 < end; x0 += 4) {
    const input0 = v128.load32_splat(x0);
    const input1 = v128.load32_splat(x1);
    const w0 = v128.load(w);
    const h0 = i16x8.shr_s(w0, 8);
    lanes00 = add(lanes00, w0, input0);
    high00 = add(high00, h0, input0);
    lanes10 = add(lanes10, w0, input1);
    high10 = add(high10, h0, input1);
    const w1 = v128.load(w, 16);
    const h1 = i16x8.shr_s(w1, 8);
    lanes01 = add(lanes01, w1, input0);
    high01 = add(high01, h1, input0);
    lanes11 = add(lanes11, w1, input1);
    high11 = add(high11, h1, input1);
    w += STEP_BYTES;
    x1 += 4;
  }
  end8(out, lanes00, high00);
  end8(out + 32, lanes01, high01);
  end8(out + outStride, lanes10, high10);
  end8(out + outStride + 32, lanes11, high11);
}

/**
 * out[rows, N] = x[rows, K] . w[K, N], i32. Panels of `w` are `panelStride` bytes apart. Whole panels are
 * written, so rows of `out` have room for N rounded up to 16.
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
  for (; rows > 1; rows -= 2) {
    let panel = w;
    for (let n = 0; n < N; n += PANEL) {
      twoRows(out + ((<usize>n) << 2), outStride, x, xStride, panel, K);
      panel += panelStride;
    }
    out += outStride << 1;
    x += xStride << 1;
  }
  if (rows == 0) return;
  let n = 0;
  for (; n + PANEL < N; n += 2 * PANEL) {
    oneRow(out, x, xStride, w, w + panelStride, K, true);
    out += PANEL << 3;
    w += panelStride << 1;
  }
  if (n < N) oneRow(out, x, xStride, w, w, K, false);
}
