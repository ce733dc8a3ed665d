import { INFINITE_HALF, scale1, scales4, storeHalf, storeHalves4 } from '../../../half';
import { BLOCK, PANEL, Q8_BLOCK_BYTES } from '../../../abi';
import { blocks, SCALES_BYTES } from '../blocks';
import { largestOfBlock } from '../quantize';

/*
 * Weights are quantized as in ggml's Q8_0: each 32 along K of a column have a scale, their largest magnitude
 * / 127 rounded to f16, and are the nearest multiples of it.
 */

// @ts-ignore: decorator
@inline
const LEVELS: f32 = 127;

/** Four weights as multiples of their scales; 0 if weight and scale are 0. */
// @ts-ignore: decorator
@inline
function quantize4(w: v128, scales: v128): v128 {
  const multiple = f32x4.nearest(f32x4.div(w, scales));
  const clamped = f32x4.min(f32x4.max(multiple, f32x4.splat(-LEVELS)), f32x4.splat(LEVELS));
  return i32x4.trunc_sat_f32x4_s(clamped);
}

/** Address of the 4 weights of step k / 4 of a column. */
// @ts-ignore: decorator
@inline
function stepOf(block: usize, column: i32, k: i32): usize {
  return block + SCALES_BYTES + ((<usize>k) << 4) + ((<usize>column) << 2);
}

/** 32 weights of one column, one after the other. */
export function packWholeColumnQ8(block: usize, column: i32, src: usize): void {
  const at = block + ((<usize>column) << 1);
  storeHalf(at, f32x4.splat(largestOfBlock(src) / LEVELS));
  const scale = f32x4.splat(scale1(at));
  for (let k = 0; k < BLOCK; k += 4) {
    const steps = i16x8.narrow_i32x4_s(quantize4(v128.load(src), scale), i32x4.splat(0));
    v128.store32_lane(stepOf(block, column, k), i8x16.narrow_i16x8_s(steps, steps), 0);
    src += 16;
  }
}

/** Row k of 4 columns, zeros from row `count` on. */
// @ts-ignore: decorator
@inline
function rowOf4(src: usize, stride: usize, k: i32, count: i32): v128 {
  return k < count ? v128.load(src + stride * k) : f32x4.splat(0);
}

/** 4 columns from `column` on whose rows are `stride` bytes apart, `count` rows and zeros after them. */
export function pack4ColumnsQ8(block: usize, column: i32, src: usize, stride: usize, count: i32): void {
  let largest = f32x4.splat(0);
  for (let k = 0; k < count; k++) largest = f32x4.max(largest, f32x4.abs(v128.load(src + stride * k)));
  const at = block + ((<usize>column) << 1);
  storeHalves4(at, f32x4.div(largest, f32x4.splat(LEVELS)));
  const scales = scales4(at);
  for (let k = 0; k < BLOCK; k += 4) {
    const q0 = quantize4(rowOf4(src, stride, k, count), scales);
    const q1 = quantize4(rowOf4(src, stride, k + 1, count), scales);
    const q2 = quantize4(rowOf4(src, stride, k + 2, count), scales);
    const q3 = quantize4(rowOf4(src, stride, k + 3, count), scales);
    const rows = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(q0, q1), i16x8.narrow_i32x4_s(q2, q3));
    const columns = v128.shuffle<i8>(rows, rows, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    v128.store(stepOf(block, column, k), columns);
  }
}

/** Bytes of a block of ggml's Q8_0: the scale f16, then 32 x i8. */
const Q8_0_BYTES: usize = 34;

/**
 * One block of Q8_0 as a column; returns the magnitude of its scale, as bits. A negative scale, which the
 * format allows but no program writes, changes the signs of the weights instead.
 */
function packBlockColumn(block: usize, column: i32, src: usize): u32 {
  const scale = <u32>load<u16>(src);
  let low = v128.load(src, 2);
  let high = v128.load(src, 18);
  if (scale & 0x8000) {
    low = i8x16.sub_sat_s(i32x4.splat(0), low);
    high = i8x16.sub_sat_s(i32x4.splat(0), high);
  }
  store<u16>(block + ((<usize>column) << 1), scale & 0x7fff);
  const out = stepOf(block, column, 0);
  v128.store32_lane(out, low, 0);
  v128.store32_lane(out, low, 1, 64);
  v128.store32_lane(out, low, 2, 128);
  v128.store32_lane(out, low, 3, 192);
  v128.store32_lane(out, high, 0, 256);
  v128.store32_lane(out, high, 1, 320);
  v128.store32_lane(out, high, 2, 384);
  v128.store32_lane(out, high, 3, 448);
  return scale & 0x7fff;
}

/** 16 weights of four columns, given by their addresses, into four steps from `out` on. */
// @ts-ignore: decorator
@inline
function pack4Steps(out: usize, src0: usize, src1: usize, src2: usize, src3: usize): void {
  const c0 = v128.load(src0);
  const c1 = v128.load(src1);
  const c2 = v128.load(src2);
  const c3 = v128.load(src3);
  const low01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(out, v128.shuffle<i64>(low01, low23, 1, 3), 64);
  v128.store(out, v128.shuffle<i64>(high01, high23, 0, 2), 128);
  v128.store(out, v128.shuffle<i64>(high01, high23, 1, 3), 192);
}

/** As `packBlockColumn`, blocks of four rows, `stride` bytes apart, as four columns from `column` on. */
// @ts-ignore: decorator
@inline
function pack4BlockColumns(block: usize, column: i32, src: usize, stride: usize): u32 {
  const src1 = src + stride;
  const src2 = src1 + stride;
  const src3 = src2 + stride;
  const scaleBits0 = <u32>load<u16>(src);
  const scaleBits1 = <u32>load<u16>(src1);
  const scaleBits2 = <u32>load<u16>(src2);
  const scaleBits3 = <u32>load<u16>(src3);
  if ((scaleBits0 | scaleBits1 | scaleBits2 | scaleBits3) & 0x8000) {
    let largest: u32 = 0;
    for (let i = 0; i < 4; i++) largest = max(largest, packBlockColumn(block, column + i, src + stride * i));
    return largest;
  }
  const scales = block + ((<usize>column) << 1);
  store<u16>(scales, scaleBits0);
  store<u16>(scales, scaleBits1, 2);
  store<u16>(scales, scaleBits2, 4);
  store<u16>(scales, scaleBits3, 6);
  const out = stepOf(block, column, 0);
  pack4Steps(out, src + 2, src1 + 2, src2 + 2, src3 + 2);
  pack4Steps(out + 256, src + 18, src1 + 18, src2 + 18, src3 + 18);
  return max(max(scaleBits0, scaleBits1), max(scaleBits2, scaleBits3));
}

/**
 * As `packLinear`, from blocks of ggml's Q8_0: the same numbers in another order. K is a multiple of 32.
 * Returns whether all scales are finite.
 */
export function packLinearQ8_0(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): bool {
  const panelStride = blocks(K) * Q8_BLOCK_BYTES;
  const rowBytes = blocks(K) * Q8_0_BYTES;
  const end = firstRow + rows;
  let largest: u32 = 0;
  for (let n = firstRow; n < end; ) {
    let block = panels + <usize>(n / PANEL) * panelStride;
    const blocksEnd = src + rowBytes;
    if (n % 4 == 0 && n + 4 <= end) {
      for (let s = src; s < blocksEnd; s += Q8_0_BYTES) {
        largest = max(largest, pack4BlockColumns(block, n % PANEL, s, rowBytes));
        block += Q8_BLOCK_BYTES;
      }
      src += rowBytes << 2;
      n += 4;
    } else {
      for (let s = src; s < blocksEnd; s += Q8_0_BYTES) {
        largest = max(largest, packBlockColumn(block, n % PANEL, s));
        block += Q8_BLOCK_BYTES;
      }
      src += rowBytes;
      n++;
    }
  }
  return largest < INFINITE_HALF;
}
