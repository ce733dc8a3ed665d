import { ACTIVATION_BLOCK_BYTES, BLOCK, blocks } from '../layout';
import { ZERO_POINT, maxLanes } from '../simd';

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

/** Bytes of a row of K quantized activations. */
export function activationRowBytes(K: i32): usize {
  return blocks(K) * ACTIVATION_BLOCK_BYTES;
}

/**
 * Rows of K f32, `stride` bytes apart, as rows of q8 activations: each block of 32 by its own scale,
 * largest / 63.
 */
export function quantizeRows(out: usize, x: usize, stride: usize, rows: i32, K: i32): void {
  const zero = i8x16.splat(<i8>ZERO_POINT);
  const left = K % BLOCK;
  for (let row = 0; row < rows; row++) {
    let from = x;
    for (const end = x + ((<usize>(K - left)) << 2); from < end; from += BLOCK << 2) {
      const largest = largestOfBlock(from);
      const inverse = f32x4.splat(inverseScale(largest));
      for (let i: usize = 0; i < <usize>BLOCK; i += 16) {
        const group = from + (i << 2);
        const low = i16x8.narrow_i32x4_s(nearest4(group, inverse), nearest4(group + 16, inverse));
        const high = i16x8.narrow_i32x4_s(nearest4(group + 32, inverse), nearest4(group + 48, inverse));
        v128.store(out + i, i8x16.add(i8x16.narrow_i16x8_s(low, high), zero));
      }
      store<f32>(out, largest / LEVELS, BLOCK);
      out += ACTIVATION_BLOCK_BYTES;
    }
    if (left) {
      let largest: f32 = 0;
      for (let i = 0; i < left; i++) largest = max(largest, abs(load<f32>(from + ((<usize>i) << 2))));
      const inverse = inverseScale(largest);
      for (let i = 0; i < BLOCK; i++) {
        const value = i < left ? nearest(load<f32>(from + ((<usize>i) << 2)) * inverse) : 0;
        store<u8>(out + i, <u8>(ZERO_POINT + <i32>value));
      }
      store<f32>(out, largest / LEVELS, BLOCK);
      out += ACTIVATION_BLOCK_BYTES;
    }
    x += stride;
  }
}
