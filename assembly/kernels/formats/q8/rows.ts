import { Q8_BLOCK_BYTES } from '../../../abi';
import { scales4 } from '../../../half';
import { ZERO_POINT, dotAdd, madd } from '../../../simd';
import { blocks, SCALES_BYTES } from '../blocks';
import { beginRows } from '../f32/matmul';
import { ACTIVATIONS_BYTES, STEP_BYTES } from './layout';

/*
 * Tiles of 2 to 6 rows for engines where `dotAdd` is one instruction. A tile goes through a panel block by
 * block, so that it reads one stream: in each block through all 16 columns (2 rows) or the first 8 and then
 * the others. The integer sums of a block are in registers, at most 12, the f32 sums in `out`.
 *
 * The zero point of the activations is subtracted as sum(w (a - 64)) = w . a - sum(64 w). A tile of up to 5
 * rows sums 64 w in the registers of one more row; a tile of 6 starts at the sums that `prepare` wrote.
 */

/** Bytes that `prepare` writes for a block: 16 scales (f32) and -sum(64 w) of 16 columns (i32). */
// @ts-ignore: decorator
@inline
const PREPARED_BYTES: usize = 128;

/**
 * Blocks that all of a few rows go through before the next ones, so that they read one stream from memory.
 */
// @ts-ignore: decorator
@inline
const PART: usize = 2;

/**
 * More rows than this go through a whole panel, 6 at a time: memory is not their limit, and rows of `out` can
 * be a multiple of 4 KB apart, of which a first-level cache holds only a few.
 */
// @ts-ignore: decorator
@inline
const FEW: i32 = 24;

/** Byte offset of the scale in a block of activations. */
// @ts-ignore: decorator
@inline
const SCALE_AT: usize = ACTIVATIONS_BYTES - 4;

const ZERO_POINTS = memory.data<u8>([<u8>ZERO_POINT], 1);

/** Bytes of scratch for `multiplyRows`. */
export function preparedBytes(K: i32): usize {
  return blocks(K) * PREPARED_BYTES;
}

/** Computes what all tiles of 6 rows share. */
function prepare(out: usize, w: usize, end: usize): void {
  const zeroPoint = v128.load8_splat(ZERO_POINTS);
  while (w < end) {
    for (let column: usize = 0; column < 64; column += 16) {
      v128.store(out + column, scales4(w + (column >> 1)));
    }
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let step = w + SCALES_BYTES;
    w += Q8_BLOCK_BYTES;
    while (step < w) {
      s0 = dotAdd(v128.load(step), zeroPoint, s0);
      s1 = dotAdd(v128.load(step, 16), zeroPoint, s1);
      s2 = dotAdd(v128.load(step, 32), zeroPoint, s2);
      s3 = dotAdd(v128.load(step, 48), zeroPoint, s3);
      step += STEP_BYTES;
    }
    v128.store(out, i32x4.neg(s0), 64);
    v128.store(out, i32x4.neg(s1), 80);
    v128.store(out, i32x4.neg(s2), 96);
    v128.store(out, i32x4.neg(s3), 112);
    out += PREPARED_BYTES;
  }
}

/** Adds a block's integer sums of 8 columns to the f32 sums. */
// @ts-ignore: decorator
@inline
function addBlock(out: usize, s0: v128, s1: v128, scales0: v128, scales1: v128, scale: v128): void {
  s0 = f32x4.convert_i32x4_s(s0);
  s1 = f32x4.convert_i32x4_s(s1);
  v128.store(out, madd(s0, f32x4.mul(scales0, scale), v128.load(out)));
  v128.store(out, madd(s1, f32x4.mul(scales1, scale), v128.load(out, 16)), 16);
}

/**
 * `rows` rows, 2 to 6, of 16 columns. s00 and s01 are 8 columns of row 0, and so on; of two rows, s0 to s2
 * are the first 8 columns of both and of 64 w, and s3 to s5 the others.
 */
// @ts-ignore: decorator
@inline
function tile(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  prepared: usize,
  rows: i32,
): void {
  const wide = rows == 2;
  const zeroPoint = v128.load8_splat(ZERO_POINTS);
  // Of two rows, one step back: the pointer moves between the halves of a step, so that no compiler sees that
  // both load the same activations and keeps them in registers, of which there are too few.
  let blockA = wide ? a - 4 : a + 0;
  let shared = prepared + 0;
  while (w < end) {
    for (let half: usize = 0; half < 64; half += wide ? 64 : 32) {
      let s00 = rows == 6 ? v128.load(shared + half, 64) : i32x4.splat(0);
      let s01 = rows == 6 ? v128.load(shared + half, 80) : s00;
      let s10 = s00;
      let s11 = s01;
      let s20 = s00;
      let s21 = s01;
      let s30 = s00;
      let s31 = s01;
      let s40 = s00;
      let s41 = s01;
      let s50 = s00;
      let s51 = s01;
      let p = blockA + 0;
      let step = w + (SCALES_BYTES + half);
      const stepsEnd = step + 8 * STEP_BYTES;
      while (step < stepsEnd) {
        let w0 = v128.load(step);
        let w1 = v128.load(step, 16);
        let input = wide ? v128.load32_splat(p, 4) : v128.load32_splat(p);
        s00 = dotAdd(w0, input, s00);
        s01 = dotAdd(w1, input, s01);
        input = wide ? v128.load32_splat(p, ACTIVATIONS_BYTES + 4) : v128.load32_splat(p, ACTIVATIONS_BYTES);
        s10 = dotAdd(w0, input, s10);
        s11 = dotAdd(w1, input, s11);
        input = wide ? zeroPoint : v128.load32_splat(p, 2 * ACTIVATIONS_BYTES);
        s20 = dotAdd(w0, input, s20);
        s21 = dotAdd(w1, input, s21);
        if (wide) {
          p += 4;
          w0 = v128.load(step, 32);
          w1 = v128.load(step, 48);
          input = v128.load32_splat(p);
        } else {
          input = rows > 3 ? v128.load32_splat(p, 3 * ACTIVATIONS_BYTES) : zeroPoint;
        }
        s30 = dotAdd(w0, input, s30);
        s31 = dotAdd(w1, input, s31);
        if (wide || rows > 3) {
          if (wide) input = v128.load32_splat(p, ACTIVATIONS_BYTES);
          else input = rows > 4 ? v128.load32_splat(p, 4 * ACTIVATIONS_BYTES) : zeroPoint;
          s40 = dotAdd(w0, input, s40);
          s41 = dotAdd(w1, input, s41);
        }
        if (wide || rows > 4) {
          input = rows > 5 ? v128.load32_splat(p, 5 * ACTIVATIONS_BYTES) : zeroPoint;
          s50 = dotAdd(w0, input, s50);
          s51 = dotAdd(w1, input, s51);
        }
        if (!wide) p += 4;
        step += STEP_BYTES;
      }
      if (rows < 6) {
        const z0 = wide ? s20 : rows == 3 ? s30 : rows == 4 ? s40 : s50;
        const z1 = wide ? s21 : rows == 3 ? s31 : rows == 4 ? s41 : s51;
        s00 = i32x4.sub(s00, z0);
        s01 = i32x4.sub(s01, z1);
        s10 = i32x4.sub(s10, z0);
        s11 = i32x4.sub(s11, z1);
        s20 = i32x4.sub(s20, z0);
        s21 = i32x4.sub(s21, z1);
        s30 = i32x4.sub(s30, wide ? s50 : z0);
        s31 = i32x4.sub(s31, wide ? s51 : z1);
        s40 = i32x4.sub(s40, wide ? s50 : z0);
        s41 = i32x4.sub(s41, wide ? s51 : z1);
      }
      let o = out + half;
      let scales0 = rows == 6 ? v128.load(shared + half) : scales4(w + (half >> 1));
      let scales1 = rows == 6 ? v128.load(shared + half, 16) : scales4(w + (half >> 1) + 8);
      const tail = wide ? blockA + 4 : blockA;
      let scale = v128.load32_splat(tail, SCALE_AT);
      addBlock(o, s00, s01, scales0, scales1, scale);
      scale = v128.load32_splat(tail, ACTIVATIONS_BYTES + SCALE_AT);
      addBlock(o + outStride, s10, s11, scales0, scales1, scale);
      if (wide) {
        scales0 = scales4(w + 16);
        scales1 = scales4(w + 24);
        addBlock(o + outStride + 32, s40, s41, scales0, scales1, scale);
        scale = v128.load32_splat(tail, SCALE_AT);
        addBlock(o + 32, s30, s31, scales0, scales1, scale);
      } else {
        o += outStride + outStride;
        scale = v128.load32_splat(tail, 2 * ACTIVATIONS_BYTES + SCALE_AT);
        addBlock(o, s20, s21, scales0, scales1, scale);
        if (rows > 3) {
          o += outStride;
          scale = v128.load32_splat(tail, 3 * ACTIVATIONS_BYTES + SCALE_AT);
          addBlock(o, s30, s31, scales0, scales1, scale);
        }
        if (rows > 4) {
          o += outStride;
          scale = v128.load32_splat(tail, 4 * ACTIVATIONS_BYTES + SCALE_AT);
          addBlock(o, s40, s41, scales0, scales1, scale);
        }
        if (rows > 5) {
          o += outStride;
          scale = v128.load32_splat(tail, 5 * ACTIVATIONS_BYTES + SCALE_AT);
          addBlock(o, s50, s51, scales0, scales1, scale);
        }
      }
    }
    blockA += aStride;
    w += Q8_BLOCK_BYTES;
    shared += PREPARED_BYTES;
  }
}

function tile2(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 0, 2);
}

function tile3(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 0, 3);
}

function tile4(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 0, 4);
}

function tile5(out: usize, outStride: usize, a: usize, aStride: usize, w: usize, end: usize): void {
  tile(out, outStride, a, aStride, w, end, 0, 5);
}

function tile6(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  prepared: usize,
): void {
  tile(out, outStride, a, aStride, w, end, prepared, 6);
}

/**
 * Two rows or more of one panel: out[rows, 16] = a . w (+ bias) (+ out). Blocks of a row are `aStride` bytes
 * apart.
 */
export function multiplyRows(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  rows: i32,
  w: usize,
  end: usize,
  bias: usize,
  accumulate: bool,
  prepared: usize,
): void {
  beginRows(out, outStride, rows, bias, accumulate);
  while (w < end) {
    const partEnd = rows > FEW ? end : min(w + PART * Q8_BLOCK_BYTES, end);
    if (rows == 6 || rows > 8) prepare(prepared, w, partEnd);
    let left = rows;
    let p = a + 0;
    let o = out + 0;
    while (left > 0) {
      const height = left == 6 || left > 8 ? 6 : left > 5 ? 4 : left;
      if (height == 2) tile2(o, outStride, p, aStride, w, partEnd);
      else if (height == 3) tile3(o, outStride, p, aStride, w, partEnd);
      else if (height == 4) tile4(o, outStride, p, aStride, w, partEnd);
      else if (height == 5) tile5(o, outStride, p, aStride, w, partEnd);
      else tile6(o, outStride, p, aStride, w, partEnd, prepared);
      left -= height;
      o += outStride * height;
      p += ACTIVATIONS_BYTES * height;
    }
    a += aStride * PART;
    w = partEnd;
  }
}
