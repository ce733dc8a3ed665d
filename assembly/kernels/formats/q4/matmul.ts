import { signedScales4 } from '../../../half';
import { PANEL, PANEL_BYTES, Q4_BLOCK_BYTES } from '../../../abi';
import { blocks, SCALES_BYTES } from '../blocks';
import { ACTIVATIONS_BYTES, NUMBERS_BYTES } from './layout';
import { ACTIVATION_BYTES, addProducts, madd, productSums } from '../../../simd';
import { initial } from '../f32/matmul';

/*
 * Sums within a block are integers and exact. They start at -8 x the sum of the activations, which cancels
 * the offset of the stored weights. In the relaxed build a column has two i16 sums, which end within 16 x 127
 * x 8 of 0 and may wrap around on the way. Blocks are added in order to `initial`, so the number of rows
 * never changes a result. f32/matmul.ts explains the pointers and why a tile is called from two places.
 */

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

/** Bytes of scratch that `matmulQ4` needs: an unpacked panel. */
export function tilePanelBytes(K: i32): usize {
  return 2 * blocks(K) * TILE_BLOCK_BYTES;
}

/** sum + the block's integer sums x scales of the weights x scale of the activations. */
// @ts-ignore: decorator
@inline
function addBlock(sum: v128, sums: v128, weightScales: v128, scale: v128): v128 {
  return madd(f32x4.convert_i32x4_s(productSums(sums)), f32x4.mul(weightScales, scale), sum);
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

/** Four rows of 8 unpacked columns; f32 sums stay in `out` between blocks. */
function tile4(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  bias: usize,
  accumulate: bool,
): void {
  const out0 = out;
  const out1 = out0 + outStride;
  const out2 = out1 + outStride;
  const out3 = out2 + outStride;
  v128.store(out0, initial(out0, bias, 0, accumulate));
  v128.store(out0, initial(out0 + 16, bias, 16, accumulate), 16);
  v128.store(out1, initial(out1, bias, 0, accumulate));
  v128.store(out1, initial(out1 + 16, bias, 16, accumulate), 16);
  v128.store(out2, initial(out2, bias, 0, accumulate));
  v128.store(out2, initial(out2 + 16, bias, 16, accumulate), 16);
  v128.store(out3, initial(out3, bias, 0, accumulate));
  v128.store(out3, initial(out3 + 16, bias, 16, accumulate), 16);
  let a0 = a;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  while (w < end) {
    let p00 = v128.load32_splat(a0, NUMBERS_BYTES);
    let p01 = p00;
    let p10 = v128.load32_splat(a1, NUMBERS_BYTES);
    let p11 = p10;
    let p20 = v128.load32_splat(a2, NUMBERS_BYTES);
    let p21 = p20;
    let p30 = v128.load32_splat(a3, NUMBERS_BYTES);
    let p31 = p30;
    const scales = w;
    const blockEnd = w + TILE_BLOCK_BYTES;
    w += TILE_SCALES_BYTES;
    while (w < blockEnd) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      let input = v128.load32_splat(a0);
      p00 = addProducts(p00, input, w0);
      p01 = addProducts(p01, input, w1);
      input = v128.load32_splat(a1);
      p10 = addProducts(p10, input, w0);
      p11 = addProducts(p11, input, w1);
      input = v128.load32_splat(a2);
      p20 = addProducts(p20, input, w0);
      p21 = addProducts(p21, input, w1);
      input = v128.load32_splat(a3);
      p30 = addProducts(p30, input, w0);
      p31 = addProducts(p31, input, w1);
      w += 32;
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
    }
    const scales0 = v128.load(scales);
    const scales1 = v128.load(scales, 16);
    let scale = v128.load32_splat(a0, 4);
    v128.store(out0, addBlock(v128.load(out0), p00, scales0, scale));
    v128.store(out0, addBlock(v128.load(out0, 16), p01, scales1, scale), 16);
    scale = v128.load32_splat(a1, 4);
    v128.store(out1, addBlock(v128.load(out1), p10, scales0, scale));
    v128.store(out1, addBlock(v128.load(out1, 16), p11, scales1, scale), 16);
    scale = v128.load32_splat(a2, 4);
    v128.store(out2, addBlock(v128.load(out2), p20, scales0, scale));
    v128.store(out2, addBlock(v128.load(out2, 16), p21, scales1, scale), 16);
    scale = v128.load32_splat(a3, 4);
    v128.store(out3, addBlock(v128.load(out3), p30, scales0, scale));
    v128.store(out3, addBlock(v128.load(out3, 16), p31, scales1, scale), 16);
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
  }
}

/** sums + the products of a group's weights of 4 columns with the activations. */
// @ts-ignore: decorator
@inline
function addGroup(sums: v128, w: v128, mask: v128, a0: v128, a1: v128, a2: v128, a3: v128): v128 {
  sums = addProducts(sums, a0, operand(w, mask, 0));
  sums = addProducts(sums, a1, operand(w, mask, 1));
  if (ACTIVATION_BYTES == 1) return sums;
  sums = addProducts(sums, a2, operand(w, mask, 2));
  return addProducts(sums, a3, operand(w, mask, 3));
}

/** One row of 16 columns; reads the panel as one stream, because memory bandwidth is the limit. */
// @ts-ignore: decorator
@inline
function row16(out: usize, a: usize, w: usize, end: usize, bias: usize, accumulate: bool): void {
  const mask = v128.load32_splat(LOW_BITS);
  let s0 = initial(out, bias, 0, accumulate);
  let s1 = initial(out + 16, bias, 16, accumulate);
  let s2 = initial(out + 32, bias, 32, accumulate);
  let s3 = initial(out + 48, bias, 48, accumulate);
  while (w < end) {
    const scales = w;
    const blockEnd = w + Q4_BLOCK_BYTES;
    w += SCALES_BYTES;
    let p0 = v128.load32_splat(a, NUMBERS_BYTES);
    let p1 = p0;
    let p2 = p0;
    let p3 = p0;
    const scale = v128.load32_splat(a, NUMBERS_BYTES + 4);
    while (w < blockEnd) {
      const a0 = v128.load32_splat(a);
      const a1 = v128.load32_splat(a, ACTIVATION_BYTES == 1 ? 16 : 4);
      const a2 = ACTIVATION_BYTES == 1 ? a0 : v128.load32_splat(a, 32);
      const a3 = ACTIVATION_BYTES == 1 ? a0 : v128.load32_splat(a, 36);
      p0 = addGroup(p0, v128.load(w), mask, a0, a1, a2, a3);
      p1 = addGroup(p1, v128.load(w, 16), mask, a0, a1, a2, a3);
      p2 = addGroup(p2, v128.load(w, 32), mask, a0, a1, a2, a3);
      p3 = addGroup(p3, v128.load(w, 48), mask, a0, a1, a2, a3);
      w += 64;
      a += 4 * ACTIVATION_BYTES;
    }
    s0 = addBlock(s0, p0, signedScales4(scales), scale);
    s1 = addBlock(s1, p1, signedScales4(scales + 8), scale);
    s2 = addBlock(s2, p2, signedScales4(scales + 16), scale);
    s3 = addBlock(s3, p3, signedScales4(scales + 24), scale);
    a += ACTIVATIONS_BYTES - 16 * ACTIVATION_BYTES;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/**
 * out[rows, N] = a[rows, K] . w[K, N] (+ bias[N]) (+ out), with `a` from `quantizeRowsQ4` and `w` in the
 * panels of layout.ts.
 *
 * Whole panels are written, so rows of `out`, `outStride` bytes apart, and `bias` have room for N rounded up
 * to 16; `bias` may be 0. `scratch` has `tilePanelBytes` bytes.
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
  const middle = scratch + blocks(K) * TILE_BLOCK_BYTES;
  const last = scratch + tilePanelBytes(K);
  for (let n = 0; n < N; n += PANEL) {
    const end = w + panelStride;
    if (rows >= 4) unpack(scratch, w, end);
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const tileOut = out + outStride * row;
      const tileA = a + aStride * row;
      tile4(tileOut, outStride, tileA, aStride, scratch, middle, bias, accumulate);
      tile4(tileOut + 32, outStride, tileA, aStride, middle, last, bias ? bias + 32 : 0, accumulate);
    }
    for (; row < rows; row++) row16(out + outStride * row, a + aStride * row, w, end, bias, accumulate);
    out += PANEL_BYTES;
    w = end;
    if (bias) bias += PANEL_BYTES;
  }
}
