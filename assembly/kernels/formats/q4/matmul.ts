import { signedScales4 } from '../../../half';
import { PANEL, PANEL_BYTES, Q4_BLOCK_BYTES } from '../../../abi';
import { blocks, SCALES_BYTES } from '../blocks';
import { ACTIVATIONS_BYTES, NUMBERS_BYTES } from './layout';
import { ACTIVATION_BYTES, addProducts, dotAdd, madd, productSums } from '../../../simd';
import { beginRows, initial } from '../f32/matmul';
import { dotAddIsOne } from '../q8/matmul';

/*
 * Sums within a block are integers and exact. They start at -8 x the sum of the activations, which cancels
 * the offset of the stored weights. In the relaxed build a column has two i16 sums, which end within 16 x 127
 * x 8 of 0 and may wrap around on the way; or one i32 sum, if `dotAdd` is one instruction (`dot`). Blocks are
 * added in order to `initial`, so the number of rows never changes a result. f32/matmul.ts explains the
 * pointers.
 *
 * Three rows and more go together through a few blocks, which are unpacked before, so that they read one
 * stream from memory; their f32 sums stay in `out`.
 */

/** Fewer rows than this are computed one by one; unpacking would cost more than it saves. */
const TILE_ROWS: i32 = 3;

/** Blocks that are unpacked at a time. */
// @ts-ignore: decorator
@inline
const PART: usize = 4;


/** The lowest 4 bits of each number of ACTIVATION_BYTES. */
const LOW_BITS = memory.data<u32>([ACTIVATION_BYTES == 1 ? 0x0f0f0f0f : 0x000f000f], 4);

/** Bytes of the scales (f32) of 8 columns in an unpacked block. */
// @ts-ignore: decorator
@inline
const TILE_SCALES_BYTES: usize = 32;

/** Bytes of an unpacked block of 8 columns: scales, then steps of [8 columns][4 bytes of operands]. */
// @ts-ignore: decorator
@inline
const TILE_BLOCK_BYTES: usize = TILE_SCALES_BYTES + 8 * NUMBERS_BYTES;

/** Bytes of scratch that `matmulQ4` needs: both halves of unpacked blocks. */
// @ts-ignore: decorator
@inline
export const UNPACKED_BYTES: usize = 2 * PART * TILE_BLOCK_BYTES;

/** The start of the sums of four columns. */
// @ts-ignore: decorator
@inline
function startSums(correction: usize, dot: bool): v128 {
  const start = v128.load32_splat(correction);
  return dot ? productSums(start) : start;
}

// @ts-ignore: decorator
@inline
function add(sums: v128, a: v128, w: v128, dot: bool): v128 {
  return dot ? dotAdd(a, w, sums) : addProducts(sums, a, w);
}

/** sum + the block's integer sums x scales of the weights x scale of the activations. */
// @ts-ignore: decorator
@inline
function addBlock(sum: v128, sums: v128, weightScales: v128, scale: v128, dot: bool): v128 {
  const whole = dot ? sums : productSums(sums);
  return madd(f32x4.convert_i32x4_s(whole), f32x4.mul(weightScales, scale), sum);
}

/** Adds a block's integer sums of 8 columns to the f32 sums. */
// @ts-ignore: decorator
@inline
function addBlock8(
  out: usize,
  p0: v128,
  p1: v128,
  scales0: v128,
  scales1: v128,
  scale: v128,
  dot: bool,
): void {
  v128.store(out, addBlock(v128.load(out), p0, scales0, scale, dot));
  v128.store(out, addBlock(v128.load(out, 16), p1, scales1, scale, dot), 16);
}

/** Operand i of the 2 (relaxed) or 4 (simd) that the weights of 4 columns of a group unpack to. */
// @ts-ignore: decorator
@inline
function operand(w: v128, mask: v128, i: i32): v128 {
  if (ACTIVATION_BYTES == 1) return v128.and(i ? i16x8.shr_u(w, 4) : w, mask);
  if (i == 0) return v128.and(w, mask);
  if (i == 1) return v128.and(i16x8.shr_u(w, 8), mask);
  if (i == 2) return v128.and(i16x8.shr_u(w, 4), mask);
  return i16x8.shr_u(w, 12);
}

/** Stores the operands of 4 columns of a group, from the first of their steps on. */
// @ts-ignore: decorator
@inline
function storeOperands(out: usize, w: v128, mask: v128): void {
  v128.store(out, operand(w, mask, 0));
  if (ACTIVATION_BYTES == 1) {
    v128.store(out, operand(w, mask, 1), 128);
  } else {
    v128.store(out, operand(w, mask, 1), 32);
    v128.store(out, operand(w, mask, 2), 256);
    v128.store(out, operand(w, mask, 3), 288);
  }
}

/** Unpacks a panel for tiles: its first 8 columns, then the others. */
function unpack(out: usize, w: usize, end: usize): void {
  const mask = v128.load32_splat(LOW_BITS);
  const halfBytes = ((end - w) / Q4_BLOCK_BYTES) * TILE_BLOCK_BYTES;
  while (w < end) {
    for (let half: usize = 0; half < 2; half++) {
      const scales = w + half * 16;
      const to = out + half * halfBytes;
      v128.store(to, signedScales4(scales));
      v128.store(to, signedScales4(scales + 8), 16);
      let from = w + SCALES_BYTES + half * 32;
      let step = to + TILE_SCALES_BYTES;
      const stepsEnd = step + 4 * NUMBERS_BYTES;
      while (step < stepsEnd) {
        storeOperands(step, v128.load(from), mask);
        storeOperands(step + 16, v128.load(from, 16), mask);
        step += 32 * ACTIVATION_BYTES;
        from += 64;
      }
    }
    out += TILE_BLOCK_BYTES;
    w += Q4_BLOCK_BYTES;
  }
}

/** `rows` rows, 2 to 4, of 8 unpacked columns. */
// @ts-ignore: decorator
@inline
function tile(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  rows: i32,
  dot: bool,
): void {
  const out0 = out;
  const out1 = out0 + outStride;
  const out2 = rows > 2 ? out1 + outStride : out1;
  const out3 = rows > 3 ? out2 + outStride : out1;
  let a0 = a + 0;
  let a1 = a0 + aStride;
  let a2 = rows > 2 ? a1 + aStride : a1;
  let a3 = rows > 3 ? a2 + aStride : a1;
  while (w < end) {
    let p00 = startSums(a0 + NUMBERS_BYTES, dot);
    let p01 = p00;
    let p10 = startSums(a1 + NUMBERS_BYTES, dot);
    let p11 = p10;
    let p20 = rows > 2 ? startSums(a2 + NUMBERS_BYTES, dot) : p10;
    let p21 = p20;
    let p30 = rows > 3 ? startSums(a3 + NUMBERS_BYTES, dot) : p10;
    let p31 = p30;
    const scales = w;
    const blockEnd = w + TILE_BLOCK_BYTES;
    w += TILE_SCALES_BYTES;
    while (w < blockEnd) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      let input = v128.load32_splat(a0);
      p00 = add(p00, input, w0, dot);
      p01 = add(p01, input, w1, dot);
      input = v128.load32_splat(a1);
      p10 = add(p10, input, w0, dot);
      p11 = add(p11, input, w1, dot);
      if (rows > 2) {
        input = v128.load32_splat(a2);
        p20 = add(p20, input, w0, dot);
        p21 = add(p21, input, w1, dot);
      }
      if (rows > 3) {
        input = v128.load32_splat(a3);
        p30 = add(p30, input, w0, dot);
        p31 = add(p31, input, w1, dot);
      }
      w += 32;
      a0 += 4;
      a1 += 4;
      if (rows > 2) a2 += 4;
      if (rows > 3) a3 += 4;
    }
    const scales0 = v128.load(scales);
    const scales1 = v128.load(scales, 16);
    addBlock8(out0, p00, p01, scales0, scales1, v128.load32_splat(a0, 4), dot);
    addBlock8(out1, p10, p11, scales0, scales1, v128.load32_splat(a1, 4), dot);
    if (rows > 2) addBlock8(out2, p20, p21, scales0, scales1, v128.load32_splat(a2, 4), dot);
    if (rows > 3) addBlock8(out3, p30, p31, scales0, scales1, v128.load32_splat(a3, 4), dot);
    a0 += 8;
    a1 += 8;
    if (rows > 2) a2 += 8;
    if (rows > 3) a3 += 8;
  }
}

function tile2(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 2, false);
}

function tile2Dot(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 2, true);
}

function tile3(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 3, false);
}

function tile3Dot(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 3, true);
}

function tile4(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 4, false);
}

function tile4Dot(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 4, true);
}

/** Two rows or more of one panel; f32 sums start in `out`. */
function multiplyRows(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  rows: i32,
  w: usize,
  end: usize,
  scratch: usize,
): void {
  while (w < end) {
    const partEnd = min(w + PART * Q4_BLOCK_BYTES, end);
    unpack(scratch, w, partEnd);
    const halfBytes = ((partEnd - w) / Q4_BLOCK_BYTES) * TILE_BLOCK_BYTES;
    let left = rows;
    let p = a + 0;
    let o = out + 0;
    while (left > 0) {
      const height = left == 5 ? 3 : min(left, 4);
      for (let half: usize = 0; half < 2; half++) {
        const column = o + half * 32;
        const from = scratch + half * halfBytes;
        const to = from + halfBytes;
        if (ACTIVATION_BYTES == 1 && dotAddIsOne) {
          if (height == 2) tile2Dot(column, outStride, p, aStride, from, to);
          else if (height == 3) tile3Dot(column, outStride, p, aStride, from, to);
          else tile4Dot(column, outStride, p, aStride, from, to);
        } else if (height == 2) {
          tile2(column, outStride, p, aStride, from, to);
        } else if (height == 3) {
          tile3(column, outStride, p, aStride, from, to);
        } else {
          tile4(column, outStride, p, aStride, from, to);
        }
      }
      left -= height;
      p += aStride * height;
      o += outStride * height;
    }
    a += PART * ACTIVATIONS_BYTES;
    w = partEnd;
  }
}

/** sums + the products of a group's weights of 4 columns with the activations. */
// @ts-ignore: decorator
@inline
function addGroup(
  sums: v128,
  w: v128,
  mask: v128,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  dot: bool,
): v128 {
  sums = add(sums, a0, operand(w, mask, 0), dot);
  sums = add(sums, a1, operand(w, mask, 1), dot);
  if (ACTIVATION_BYTES == 1) return sums;
  sums = add(sums, a2, operand(w, mask, 2), dot);
  return add(sums, a3, operand(w, mask, 3), dot);
}

/** One row of 16 columns; reads the panel as one stream, because memory bandwidth is the limit. */
// @ts-ignore: decorator
@inline
function row16(out: usize, a: usize, w: usize, end: usize, bias: usize, accumulate: bool, dot: bool): void {
  const mask = v128.load32_splat(LOW_BITS);
  let s0 = initial(out, bias, 0, accumulate);
  let s1 = initial(out + 16, bias, 16, accumulate);
  let s2 = initial(out + 32, bias, 32, accumulate);
  let s3 = initial(out + 48, bias, 48, accumulate);
  while (w < end) {
    const scales = w;
    const blockEnd = w + Q4_BLOCK_BYTES;
    w += SCALES_BYTES;
    let p0 = startSums(a + NUMBERS_BYTES, dot);
    let p1 = p0;
    let p2 = p0;
    let p3 = p0;
    const scale = v128.load32_splat(a, NUMBERS_BYTES + 4);
    while (w < blockEnd) {
      const a0 = v128.load32_splat(a);
      const a1 = v128.load32_splat(a, ACTIVATION_BYTES == 1 ? 16 : 4);
      const a2 = ACTIVATION_BYTES == 1 ? a0 : v128.load32_splat(a, 32);
      const a3 = ACTIVATION_BYTES == 1 ? a0 : v128.load32_splat(a, 36);
      p0 = addGroup(p0, v128.load(w), mask, a0, a1, a2, a3, dot);
      p1 = addGroup(p1, v128.load(w, 16), mask, a0, a1, a2, a3, dot);
      p2 = addGroup(p2, v128.load(w, 32), mask, a0, a1, a2, a3, dot);
      p3 = addGroup(p3, v128.load(w, 48), mask, a0, a1, a2, a3, dot);
      w += 64;
      a += 4 * ACTIVATION_BYTES;
    }
    s0 = addBlock(s0, p0, signedScales4(scales), scale, dot);
    s1 = addBlock(s1, p1, signedScales4(scales + 8), scale, dot);
    s2 = addBlock(s2, p2, signedScales4(scales + 16), scale, dot);
    s3 = addBlock(s3, p3, signedScales4(scales + 24), scale, dot);
    a += ACTIVATIONS_BYTES - 16 * ACTIVATION_BYTES;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

function rowByPairs(out: usize, a: usize, w: usize, end: usize, bias: usize, accumulate: bool): void {
  row16(out, a, w, end, bias, accumulate, false);
}

function rowByDot(out: usize, a: usize, w: usize, end: usize, bias: usize, accumulate: bool): void {
  row16(out, a, w, end, bias, accumulate, true);
}

// @ts-ignore: decorator
@inline
function multiplyRow(out: usize, a: usize, w: usize, end: usize, bias: usize, accumulate: bool): void {
  if (ACTIVATION_BYTES == 1 && dotAddIsOne) rowByDot(out, a, w, end, bias, accumulate);
  else rowByPairs(out, a, w, end, bias, accumulate);
}

/**
 * out[rows, N] = a[rows, K] . w[K, N] (+ bias[N]) (+ out), with `a` from `quantizeRowsQ4` and `w` in the
 * panels of layout.ts.
 *
 * Whole panels are written, so rows of `out`, `outStride` bytes apart, and `bias` have room for N rounded up
 * to 16; `bias` may be 0. `scratch` has `UNPACKED_BYTES` bytes.
 */
export function matmulQ4(
  out: usize,
  outStride: usize,
  a: usize,
  rows: i32,
  w: usize,
  bias: usize,
  K: i32,
  N: i32,
  accumulate: bool,
  scratch: usize,
): void {
  const aStride = blocks(K) * ACTIVATIONS_BYTES;
  const panelStride = blocks(K) * Q4_BLOCK_BYTES;
  for (let n = 0; n < N; n += PANEL) {
    const end = w + panelStride;
    if (rows >= TILE_ROWS) {
      beginRows(out, outStride, rows, bias, accumulate);
      multiplyRows(out, outStride, a, aStride, rows, w, end, scratch);
    } else {
      multiplyRow(out, a, w, end, bias, accumulate);
      if (rows > 1) multiplyRow(out + outStride, a + aStride, w, end, bias, accumulate);
    }
    out += PANEL_BYTES;
    w = end;
    if (bias) bias += PANEL_BYTES;
  }
}
