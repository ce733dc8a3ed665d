import { BLOCK } from '../../abi';
import { blocks } from './blocks';
import { ACTIVATIONS_BYTES as Q4_ACTIVATIONS_BYTES, NUMBERS_BYTES as Q4_NUMBERS_BYTES } from './q4/layout';
import { ACTIVATIONS_BYTES as Q8_ACTIVATIONS_BYTES } from './q8/layout';
import { ACTIVATION_BYTES, ZERO_POINT } from '../../simd';

/** q8: activations are -63..63, 7 bits with the zero point. */
// @ts-ignore: decorator
@inline
const Q8_LEVELS: f32 = 63;

/** q4: the weights fit 7 bits, so activations can have 8. */
// @ts-ignore: decorator
@inline
const Q4_LEVELS: f32 = 127;

/** Below this, levels / largest could be infinite; such a block counts as zeros. */
// @ts-ignore: decorator
@inline
const SMALLEST: f32 = 1e-36;

/**
 * Largest magnitude of the 32 f32 of a block; NaN if one of them is. Magnitudes are compared as integers, of
 * which an engine computes the maximum in one instruction.
 */
// @ts-ignore: decorator
@inline
export function largestOfBlock(x: usize): f32 {
  let best = f32x4.abs(v128.load(x));
  for (let i: usize = 16; i < <usize>BLOCK << 2; i += 16) {
    best = i32x4.max_s(best, f32x4.abs(v128.load(x + i)));
  }
  best = i32x4.max_s(best, v128.shuffle<i32>(best, best, 2, 3, 0, 1));
  best = i32x4.max_s(best, v128.shuffle<i32>(best, best, 1, 0, 3, 2));
  return f32x4.extract_lane(best, 0);
}

/** 1.5 x 2^23: floats of this size have no fraction, so adding it rounds to integers, ties to even. */
const ROUNDER = memory.data<u32>([0x4b400000], 4);

// @ts-ignore: decorator
@inline
function inverseScale(largest: f32, levels: f32): f32 {
  return largest > SMALLEST ? levels / largest : 0;
}

/** Four numbers, at most 127 in magnitude when multiplied by `inverse`, as integers; NaN becomes any. */
// @ts-ignore: decorator
@inline
function nearest4(x: usize, inverse: v128, rounder: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), inverse), rounder), rounder);
}

/** Stores 16 f32 as multiples of their scale plus `zero`, `bytes` bytes each. */
// @ts-ignore: decorator
@inline
function quantize16(out: usize, x: usize, inverse: v128, zero: i32, bytes: i32): void {
  const rounder = v128.load32_splat(ROUNDER);
  const low = i16x8.narrow_i32x4_s(nearest4(x, inverse, rounder), nearest4(x + 16, inverse, rounder));
  const high = i16x8.narrow_i32x4_s(nearest4(x + 32, inverse, rounder), nearest4(x + 48, inverse, rounder));
  if (bytes == 1) {
    v128.store(out, i8x16.add(i8x16.narrow_i16x8_s(low, high), i8x16.splat(<i8>zero)));
  } else {
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}

/** Stores 32 f32 as integers of -levels..levels plus `zero`, `bytes` bytes each, and returns their scale. */
// @ts-ignore: decorator
@inline
function quantizeBlock(out: usize, x: usize, levels: f32, zero: i32, bytes: i32): f32 {
  const largest = largestOfBlock(x);
  const inverse = f32x4.splat(inverseScale(largest, levels));
  quantize16(out, x, inverse, zero, bytes);
  quantize16(out + 16 * bytes, x + 64, inverse, zero, bytes);
  // NaN if a number is infinite: its integer is any.
  return (largest + largest * 0) / levels;
}

/** As `quantizeBlock`, for `count` < 32 numbers and zeros after them. */
function quantizeTail(out: usize, x: usize, count: i32, levels: f32, zero: i32, bytes: i32): f32 {
  let largest: f32 = 0;
  for (let i = 0; i < count; i++) largest = max(largest, abs(load<f32>(x + ((<usize>i) << 2))));
  const inverse = inverseScale(largest, levels);
  for (let i = 0; i < BLOCK; i++) {
    const multiple: f32 = i < count ? nearest(load<f32>(x + ((<usize>i) << 2)) * inverse) : 0;
    const value = zero + <i32>multiple;
    if (bytes == 1) store<u8>(out + i, <u8>value);
    else store<i16>(out + ((<usize>i) << 1), <i16>value);
  }
  return largest / levels;
}

/**
 * Reorders 32 i8 activations for q4 and stores -8 x their sum, which cancels the +8 offset of the stored
 * weights.
 */
// @ts-ignore: decorator
@inline
function arrangeBlock(block: usize): void {
  const low = v128.load(block);
  const high = v128.load(block, 16);
  // Two i16 sums, of numbers 0, 1, 4, 5, ... and of the others, as the relaxed build sums products.
  let sums = i16x8.add(i16x8.extadd_pairwise_i8x16_s(low), i16x8.extadd_pairwise_i8x16_s(high));
  sums = i16x8.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
  sums = i16x8.add(sums, v128.shuffle<i32>(sums, sums, 1, 0, 3, 2));
  sums = i16x8.neg(i16x8.shl(sums, 3));
  if (ACTIVATION_BYTES == 2) {
    sums = i32x4.extadd_pairwise_i16x8_s(sums);
    widen(block + 32, high);
    widen(block, low);
  }
  v128.store32_lane(block + Q4_NUMBERS_BYTES, sums, 0);
}

/** 16 i8 as i16 in the order 0, 2, 1, 3 within each 4. */
// @ts-ignore: decorator
@inline
function widen(out: usize, bytes: v128): void {
  const even = i16x8.shr_s(i16x8.shl(bytes, 8), 8);
  const odd = i16x8.shr_s(bytes, 8);
  v128.store(out, v128.shuffle<i32>(even, odd, 0, 4, 1, 5));
  v128.store(out, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), 16);
}

/** Quantizes one row of K f32 to blocks that are `blockStride` bytes apart. */
// @ts-ignore: decorator
@inline
function quantizeRow(out: usize, blockStride: usize, x: usize, K: i32, q4: bool): void {
  const levels = q4 ? Q4_LEVELS : Q8_LEVELS;
  const zero = q4 ? 0 : ZERO_POINT;
  const bytes = q4 ? 1 : ACTIVATION_BYTES;
  const scaleAt = (q4 ? Q4_ACTIVATIONS_BYTES : Q8_ACTIVATIONS_BYTES) - 4;
  const left = K % BLOCK;
  for (const end = x + ((<usize>(K - left)) << 2); x < end; x += BLOCK << 2) {
    store<f32>(out + scaleAt, quantizeBlock(out, x, levels, zero, bytes));
    if (q4) arrangeBlock(out);
    out += blockStride;
  }
  if (left) {
    store<f32>(out + scaleAt, quantizeTail(out, x, left, levels, zero, bytes));
    if (q4) arrangeBlock(out);
  }
}

/**
 * Quantizes rows of K f32, `stride` bytes apart, to q8 activations [ceil(K / BLOCK)][rows]: each block has a
 * scale, its largest magnitude / 63. Blocks of a row are `blockStride` bytes apart.
 */
export function quantizeRows(
  out: usize,
  blockStride: usize,
  x: usize,
  stride: usize,
  rows: i32,
  K: i32,
): void {
  for (let row = 0; row < rows; row++) {
    quantizeRow(out, blockStride, x, K, false);
    out += Q8_ACTIVATIONS_BYTES;
    x += stride;
  }
}

/**
 * Quantizes rows of K f32, `stride` bytes apart, to q4 activations [rows][ceil(K / BLOCK)]: each block has a
 * scale, its largest magnitude / 127.
 */
export function quantizeRowsQ4(out: usize, x: usize, stride: usize, rows: i32, K: i32): void {
  const rowBytes = blocks(K) * Q4_ACTIVATIONS_BYTES;
  for (let row = 0; row < rows; row++) {
    quantizeRow(out, Q4_ACTIVATIONS_BYTES, x, K, true);
    out += rowBytes;
    x += stride;
  }
}
