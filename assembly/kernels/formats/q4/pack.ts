import { INFINITE_HALF, signedScale1, signedScales4, storeHalf, storeHalves4 } from '../../../half';
import { BLOCK, PANEL, Q4_BLOCK_BYTES } from '../../../abi';
import { blocks, SCALES_BYTES } from '../blocks';
import { sumLanes } from '../../../simd';

/*
 * Weights are scale x (-8..7), as in ggml's Q4_0. Three scales are tried: those that put the weight of
 * largest magnitude at -8, 7 and -8.5 steps. For each, the weights are rounded and the scale is fitted by
 * least squares; the one with the smallest squared error is used.
 */

const NUMBERS = memory.data<f32>(
  [
    -8, // 0: lowest weight in steps, and the first candidate
    7, // 4: highest weight, and the second candidate
    -8.5, // 8: third candidate
    8, // 12: offset of stored weights
    1e-36, // 16: below this, candidate / largest could be infinite; such a block counts as zeros
    1, // 20
  ],
  16,
);

/** Four weights in steps of a scale: integers of -8..7. */
// @ts-ignore: decorator
@inline
function steps4(w: v128, inverse: v128): v128 {
  const nearest = f32x4.nearest(f32x4.mul(w, inverse));
  return f32x4.pmin(f32x4.pmax(nearest, v128.load32_splat(NUMBERS)), v128.load32_splat(NUMBERS, 4));
}

/** The number of larger magnitude in each lane. */
// @ts-ignore: decorator
@inline
function larger4(a: v128, b: v128): v128 {
  return v128.bitselect(a, b, f32x4.gt(f32x4.abs(a), f32x4.abs(b)));
}

// @ts-ignore: decorator
@inline
function sumsOf(v: v128, across: bool): v128 {
  return across ? f32x4.splat(sumLanes(v)) : v;
}

/**
 * Scales of four columns, one in each lane of `count` vectors, or with `across` of one column that fills all
 * lanes. Products are not fused, so that every build packs the same numbers.
 */
function scalesOf(src: usize, stride: usize, count: i32, across: bool): v128 {
  let largest = f32x4.splat(0);
  for (let i = 0; i < count; i++) largest = larger4(v128.load(src + stride * i), largest);
  if (across) {
    largest = larger4(largest, v128.shuffle<i32>(largest, largest, 2, 3, 0, 1));
    largest = larger4(largest, v128.shuffle<i32>(largest, largest, 1, 0, 3, 2));
    largest = f32x4.splat(f32x4.extract_lane(largest, 0));
  }
  const some = f32x4.gt(f32x4.abs(largest), v128.load32_splat(NUMBERS, 16));
  const inverse0 = v128.and(f32x4.div(v128.load32_splat(NUMBERS), largest), some);
  const inverse1 = v128.and(f32x4.div(v128.load32_splat(NUMBERS, 4), largest), some);
  const inverse2 = v128.and(f32x4.div(v128.load32_splat(NUMBERS, 8), largest), some);
  let products0 = f32x4.splat(0);
  let products1 = products0;
  let products2 = products0;
  let squares0 = products0;
  let squares1 = products0;
  let squares2 = products0;
  for (let i = 0; i < count; i++) {
    const w = v128.load(src + stride * i);
    let steps = steps4(w, inverse0);
    products0 = f32x4.add(products0, f32x4.mul(w, steps));
    squares0 = f32x4.add(squares0, f32x4.mul(steps, steps));
    steps = steps4(w, inverse1);
    products1 = f32x4.add(products1, f32x4.mul(w, steps));
    squares1 = f32x4.add(squares1, f32x4.mul(steps, steps));
    steps = steps4(w, inverse2);
    products2 = f32x4.add(products2, f32x4.mul(w, steps));
    squares2 = f32x4.add(squares2, f32x4.mul(steps, steps));
  }
  // With the best scale, products / squares, the squared error is less than that of zeros by products^2 /
  // squares.
  products0 = sumsOf(products0, across);
  let scale = f32x4.div(products0, sumsOf(squares0, across));
  let gain = f32x4.mul(scale, products0);
  products1 = sumsOf(products1, across);
  const scale1 = f32x4.div(products1, sumsOf(squares1, across));
  const gain1 = f32x4.mul(scale1, products1);
  let better = f32x4.gt(gain1, gain);
  scale = v128.bitselect(scale1, scale, better);
  gain = v128.bitselect(gain1, gain, better);
  products2 = sumsOf(products2, across);
  const scale2 = f32x4.div(products2, sumsOf(squares2, across));
  better = f32x4.gt(f32x4.mul(scale2, products2), gain);
  return v128.and(v128.bitselect(scale2, scale, better), some);
}

/** 1 / scales, or 0 if the scale is 0. */
// @ts-ignore: decorator
@inline
function inverse4(scales: v128): v128 {
  const inverse = f32x4.div(v128.load32_splat(NUMBERS, 20), scales);
  return v128.and(inverse, f32x4.ne(scales, f32x4.splat(0)));
}

/** Four weights as they are stored, 0..15. */
// @ts-ignore: decorator
@inline
function stored4(w: v128, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.add(steps4(w, inverse), v128.load32_splat(NUMBERS, 12)));
}

/** Four rows of 4 columns from row k on as [4 columns][4 k] bytes, zeros from row `count` on. */
function storedRows(src: usize, stride: usize, k: i32, count: i32, inverse: v128): v128 {
  const zero = f32x4.splat(0);
  const q0 = stored4(k < count ? v128.load(src + stride * k) : zero, inverse);
  const q1 = stored4(k + 1 < count ? v128.load(src + stride * (k + 1)) : zero, inverse);
  const q2 = stored4(k + 2 < count ? v128.load(src + stride * (k + 2)) : zero, inverse);
  const q3 = stored4(k + 3 < count ? v128.load(src + stride * (k + 3)) : zero, inverse);
  const rows = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(q0, q1), i16x8.narrow_i32x4_s(q2, q3));
  return v128.shuffle<i8>(rows, rows, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

// @ts-ignore: decorator
@inline
function groupOf(block: usize, column: i32, group: i32): usize {
  return block + SCALES_BYTES + ((<usize>group) << 6) + ((<usize>column) << 2);
}

// @ts-ignore: decorator
@inline
function scaleOf(block: usize, column: i32): usize {
  return block + ((<usize>column) << 1);
}

/** 4 columns from `column` on whose rows are `stride` bytes apart, `count` rows and zeros after them. */
export function pack4ColumnsQ4(block: usize, column: i32, src: usize, stride: usize, count: i32): void {
  const at = scaleOf(block, column);
  storeHalves4(at, scalesOf(src, stride, count, false));
  const inverse = inverse4(signedScales4(at));
  for (let group = 0; group < 4; group++) {
    const low = storedRows(src, stride, 4 * group, count, inverse);
    const high = storedRows(src, stride, 4 * group + 16, count, inverse);
    v128.store(groupOf(block, column, group), v128.or(low, i16x8.shl(high, 4)));
  }
}

/** 32 weights of one column, one after the other. */
export function packWholeColumnQ4(block: usize, column: i32, src: usize): void {
  const at = scaleOf(block, column);
  storeHalf(at, scalesOf(src, 16, BLOCK / 4, true));
  const inverse = inverse4(f32x4.splat(signedScale1(at)));
  for (let group = 0; group < 4; group++) {
    const low = stored4(v128.load(src), inverse);
    const high = stored4(v128.load(src, 64), inverse);
    const bytes = i16x8.narrow_i32x4_s(v128.or(low, i32x4.shl(high, 4)), low);
    v128.store32_lane(groupOf(block, column, group), i8x16.narrow_i16x8_u(bytes, bytes), 0);
    src += 16;
  }
}

/**
 * As `packLinear`, from blocks of ggml's Q4_0 (a scale, 16 bytes), which stay as they are; K is a multiple of
 * 32. Returns whether all scales are finite.
 */
export function packLinearQ4_0(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): bool {
  const panelStride = blocks(K) * Q4_BLOCK_BYTES;
  let largest: u32 = 0;
  for (let n = firstRow; n < firstRow + rows; n++) {
    let block = panels + <usize>(n / PANEL) * panelStride;
    for (let k = 0; k < K; k += BLOCK) {
      const scale = <u32>load<u16>(src);
      largest = max(largest, scale & 0x7fff);
      store<u16>(scaleOf(block, n % PANEL), scale);
      for (let group = 0; group < 4; group++) {
        store<u32>(groupOf(block, n % PANEL, group), load<u32>(src + 2 + 4 * group));
      }
      block += Q4_BLOCK_BYTES;
      src += 18;
    }
  }
  return largest < INFINITE_HALF;
}
