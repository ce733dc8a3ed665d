import { ACTIVATION_BLOCK_BYTES, BLOCK } from '../layout';
import { ACTIVATION_BYTES, ZERO_POINT, maxLanes } from '../simd';

/** Activations are quantized to -LEVELS..LEVELS: 7 bits with their zero point. */
// @ts-ignore: decorator
@inline
const LEVELS: f32 = 63;

/** Below, LEVELS / largest could be infinite; such a block counts as zeros. */
// @ts-ignore: decorator
@inline
const SMALLEST: f32 = 1e-36;

/** Largest magnitude of the 32 f32 of a block; NaN where one is. */
// @ts-ignore: decorator
@inline
export function largestOfBlock(x: usize): f32 {
  let best = f32x4.abs(v128.load(x));
  for (let i: usize = 16; i < <usize>BLOCK << 2; i += 16) best = f32x4.max(best, f32x4.abs(v128.load(x + i)));
  return maxLanes(best);
}

// @ts-ignore: decorator
@inline
function inverseScale(largest: f32): f32 {
  return largest > SMALLEST ? LEVELS / largest : 0;
}

// @ts-ignore: decorator
@inline
function nearest4(x: usize, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
}

/** 16 f32 as 16 quantized activations. */
// @ts-ignore: decorator
@inline
function quantize16(out: usize, x: usize, inverse: v128): void {
  const low = i16x8.narrow_i32x4_s(nearest4(x, inverse), nearest4(x + 16, inverse));
  const high = i16x8.narrow_i32x4_s(nearest4(x + 32, inverse), nearest4(x + 48, inverse));
  if (ACTIVATION_BYTES == 1) {
    v128.store(out, i8x16.add(i8x16.narrow_i16x8_s(low, high), i8x16.splat(<i8>ZERO_POINT)));
  } else {
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}

/** The last `count` < 32 f32 of a row, and zeros. */
function quantizeRest(out: usize, x: usize, count: i32): void {
  let largest: f32 = 0;
  for (let i = 0; i < count; i++) largest = max(largest, abs(load<f32>(x + ((<usize>i) << 2))));
  const inverse = inverseScale(largest);
  for (let i = 0; i < BLOCK; i++) {
    const multiple: f32 = i < count ? nearest(load<f32>(x + ((<usize>i) << 2)) * inverse) : 0;
    const value = ZERO_POINT + <i32>multiple;
    if (ACTIVATION_BYTES == 1) store<u8>(out + i, <u8>value);
    else store<i16>(out + ((<usize>i) << 1), <i16>value);
  }
  store<f32>(out, largest / LEVELS, BLOCK * ACTIVATION_BYTES);
}

/**
 * Rows of K f32, `stride` bytes apart, as q8 activations: each block of 32 by its own scale, largest / 63. Blocks of a
 * row are `blockStride` bytes apart, rows lie beside each other: [ceil(K / 32)][rows].
 */
export function quantizeRows(
  out: usize,
  blockStride: usize,
  x: usize,
  stride: usize,
  rows: i32,
  K: i32,
): void {
  const left = K % BLOCK;
  for (let row = 0; row < rows; row++) {
    let from = x;
    let to = out;
    for (const end = x + ((<usize>(K - left)) << 2); from < end; from += BLOCK << 2) {
      const largest = largestOfBlock(from);
      const inverse = f32x4.splat(inverseScale(largest));
      quantize16(to, from, inverse);
      quantize16(to + 16 * ACTIVATION_BYTES, from + 64, inverse);
      store<f32>(to, largest / LEVELS, BLOCK * ACTIVATION_BYTES);
      to += blockStride;
    }
    if (left) quantizeRest(to, from, left);
    out += ACTIVATION_BLOCK_BYTES;
    x += stride;
  }
}
