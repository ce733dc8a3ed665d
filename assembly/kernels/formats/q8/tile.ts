import { scales4 } from '../../../half';
import { ACTIVATIONS_BYTES, STEP_BYTES } from './layout';
import { ACTIVATION_BYTES, ZERO_POINT, dotAdd, dotPairs, madd } from '../../../simd';
import { initial } from '../f32/matmul';

/*
 * The product of many rows with one block of a panel, where `dotAdd` is more than one instruction:
 *
 *               8 columns      8 columns
 *            +--------------+--------------+
 *   4 steps  |  first pass  |  first pass  |   In each pass the weights of 8 columns and 4 steps (32 bits of
 *            +--------------+--------------+   each column a step) stay in 8 registers while the loop goes
 *   4 steps  |  last pass   |  last pass   |   through all rows.
 *            +--------------+--------------+
 *
 * The relaxed build needs 2 passes for 8 columns; the simd build first widens the weights to i16, twice as
 * many steps, and needs 4. Sums are in scratch, row after row, because rows of `out` can be a multiple of 4
 * KB apart, of which a first-level cache holds only a few.
 *
 * The zero point of the activations is subtracted as sum(w (a - 64)) = w . a - 64 sum(w), computed once for
 * all rows. Two `dotPairs` are added as i16 before both are widened to i32.
 * That is exact: without the zero point, four products are at most 4 x 127 x 63 = 32,004, and sums may wrap
 * around on the way.
 *
 * Values that all rows share are stored and loaded before the loops, because V8 up to 12 moves computations
 * into loops.
 */

const SCALES: usize = 0;
/** -64 sum(w) of every two steps, [4][16 columns][2] i16; relaxed build only. */
const ZEROS: usize = SCALES + 64;
/** [16 steps][16 columns][2 k] i16; simd build only. */
const WIDENED: usize = ZEROS + 256;
/** [2 x 8 columns][rows]: 8 sums f32, then 8 sums i32 of the block. */
const SUMS: usize = WIDENED + 1024;
const SUMS_ROW_BYTES: usize = 64;

const ONES = memory.data<u16>([1, 1, 1, 1, 1, 1, 1, 1], 16);

/** Bytes of scratch for `rows` rows. */
export function tileScratchBytes(rows: i32): usize {
  return SUMS + 2 * SUMS_ROW_BYTES * rows;
}

// @ts-ignore: decorator
@inline
function zeroPairs(w: usize): v128 {
  const zeroPoint = i8x16.splat(<i8>ZERO_POINT);
  const next = v128.load(w, STEP_BYTES);
  return i16x8.neg(i16x8.add(dotPairs(v128.load(w), zeroPoint), dotPairs(next, zeroPoint)));
}

/** Fills `ZEROS` for `dotPairs`. */
function writeZeroPairs(zeros: usize, steps: usize): void {
  for (const end = steps + 8 * STEP_BYTES; steps < end; steps += 2 * STEP_BYTES) {
    v128.store(zeros, zeroPairs(steps));
    v128.store(zeros, zeroPairs(steps + 16), 16);
    v128.store(zeros, zeroPairs(steps + 32), 32);
    v128.store(zeros, zeroPairs(steps + 48), 48);
    zeros += 64;
  }
}

/** Fills `WIDENED`. */
function widen(out: usize, steps: usize): void {
  for (const end = steps + 8 * STEP_BYTES; steps < end; steps += STEP_BYTES) {
    for (let column: usize = 0; column < 64; column += 16) {
      const w = v128.load(steps + column);
      const low = i16x8.extend_low_i8x16_s(w);
      const high = i16x8.extend_high_i8x16_s(w);
      v128.store(out + column, v128.shuffle<i32>(low, high, 0, 2, 4, 6));
      v128.store(out + column, v128.shuffle<i32>(low, high, 1, 3, 5, 7), STEP_BYTES);
    }
    out += 2 * STEP_BYTES;
  }
}

/** Two steps by `dotPairs`. */
// @ts-ignore: decorator
@inline
function twoSteps(w0: v128, w1: v128, zeros: v128, a0: v128, a1: v128, ones: v128): v128 {
  return i32x4.dot_i16x8_s(i16x8.add(i16x8.add(dotPairs(w0, a0), zeros), dotPairs(w1, a1)), ones);
}

/**
 * One pass: four steps of 8 columns for all rows, by `dotPairs` if `pairs`. `a` is the address of 16 bytes of
 * activations of the first row. The `first` pass starts the sums of the block, the `last` scales them and
 * adds them to those of all blocks.
 */
// @ts-ignore: decorator
@inline
function pass(
  sums: usize,
  scales: usize,
  a: usize,
  end: usize,
  steps: usize,
  zeros: usize,
  pairs: bool,
  first: bool,
  last: bool,
): void {
  const w00 = v128.load(steps);
  const w01 = v128.load(steps, 16);
  const w10 = v128.load(steps, 64);
  const w11 = v128.load(steps, 80);
  const w20 = v128.load(steps, 128);
  const w21 = v128.load(steps, 144);
  const w30 = v128.load(steps, 192);
  const w31 = v128.load(steps, 208);
  const z00 = ZERO_POINT ? v128.load(zeros) : i32x4.splat(0);
  const z01 = ZERO_POINT ? v128.load(zeros, 16) : i32x4.splat(0);
  const z20 = pairs ? v128.load(zeros, 64) : z00;
  const z21 = pairs ? v128.load(zeros, 80) : z01;
  const ones = v128.load(ONES);
  let s = sums + 0;
  let p = a + 0;
  while (p < end) {
    const a0 = v128.load32_splat(p);
    const a1 = v128.load32_splat(p, 4);
    const a2 = v128.load32_splat(p, 8);
    const a3 = v128.load32_splat(p, 12);
    let s0: v128;
    let s1: v128;
    if (ACTIVATION_BYTES == 1 && pairs) {
      s0 = i32x4.add(twoSteps(w00, w10, z00, a0, a1, ones), twoSteps(w20, w30, z20, a2, a3, ones));
      s1 = i32x4.add(twoSteps(w01, w11, z01, a0, a1, ones), twoSteps(w21, w31, z21, a2, a3, ones));
      if (!first) {
        s0 = i32x4.add(v128.load(s, 32), s0);
        s1 = i32x4.add(v128.load(s, 48), s1);
      }
    } else {
      s0 = dotAdd(w00, a0, first ? z00 : v128.load(s, 32));
      s1 = dotAdd(w01, a0, first ? z01 : v128.load(s, 48));
      s0 = dotAdd(w10, a1, s0);
      s1 = dotAdd(w11, a1, s1);
      s0 = dotAdd(w20, a2, s0);
      s1 = dotAdd(w21, a2, s1);
      s0 = dotAdd(w30, a3, s0);
      s1 = dotAdd(w31, a3, s1);
    }
    if (last) {
      const scale = v128.load32_splat(p, 16);
      s0 = f32x4.convert_i32x4_s(s0);
      s1 = f32x4.convert_i32x4_s(s1);
      v128.store(s, madd(s0, f32x4.mul(v128.load(scales), scale), v128.load(s)));
      v128.store(s, madd(s1, f32x4.mul(v128.load(scales, 16), scale), v128.load(s, 16)), 16);
    } else {
      v128.store(s, s0, 32);
      v128.store(s, s1, 48);
    }
    p += ACTIVATIONS_BYTES;
    s += SUMS_ROW_BYTES;
  }
}

// Each is called from two places, so that the compiler does not inline it and it has all registers.

function firstPairs(sums: usize, shared: usize, a: usize, end: usize, steps: usize): void {
  pass(sums, shared, a, end, steps, shared + ZEROS, true, true, false);
}

function lastPairs(sums: usize, shared: usize, a: usize, end: usize, steps: usize): void {
  pass(sums, shared, a, end, steps, shared + ZEROS + 128, true, false, true);
}

function first(sums: usize, shared: usize, a: usize, end: usize, steps: usize): void {
  pass(sums, shared, a, end, steps, shared + ZEROS, false, true, false);
}

function middle(sums: usize, shared: usize, a: usize, end: usize, steps: usize): void {
  pass(sums, shared, a, end, steps, shared + ZEROS, false, false, false);
}

function last(sums: usize, shared: usize, a: usize, end: usize, steps: usize): void {
  pass(sums, shared, a, end, steps, shared + ZEROS, false, false, true);
}

/** Sets the f32 sums of 16 columns to `initial`. */
export function beginTile(
  scratch: usize,
  out: usize,
  outStride: usize,
  rows: i32,
  bias: usize,
  accumulate: bool,
): void {
  let sums = scratch + SUMS;
  const half = SUMS_ROW_BYTES * rows;
  for (const end = sums + half; sums < end; sums += SUMS_ROW_BYTES) {
    v128.store(sums, initial(out, bias, 0, accumulate));
    v128.store(sums, initial(out + 16, bias, 16, accumulate), 16);
    v128.store(sums + half, initial(out + 32, bias, 32, accumulate));
    v128.store(sums + half, initial(out + 48, bias, 48, accumulate), 16);
    out += outStride;
  }
}

/**
 * Adds one block's products to the sums: `a` are the block's activations [rows], `steps` its weights, 8 steps
 * of [16 columns][4 k] i8 in -127..127, `scales` their 16 scales f16.
 */
export function addBlock(
  scratch: usize,
  a: usize,
  rows: i32,
  scales: usize,
  steps: usize,
): void {
  for (let column: usize = 0; column < 64; column += 16) {
    v128.store(scratch + SCALES + column, scales4(scales + (column >> 1)));
  }
  const end = a + ACTIVATIONS_BYTES * rows;
  const sums = scratch + SUMS;
  const sums8 = sums + SUMS_ROW_BYTES * rows;
  const scratch8 = scratch + 32;
  if (ACTIVATION_BYTES == 2) {
    const widened = scratch + WIDENED;
    widen(widened, steps);
    first(sums, scratch, a, end, widened);
    middle(sums, scratch, a + 16, end, widened + 256);
    middle(sums, scratch, a + 32, end, widened + 512);
    last(sums, scratch, a + 48, end, widened + 768);
    first(sums8, scratch8, a, end, widened + 32);
    middle(sums8, scratch8, a + 16, end, widened + 288);
    middle(sums8, scratch8, a + 32, end, widened + 544);
    last(sums8, scratch8, a + 48, end, widened + 800);
  } else {
    writeZeroPairs(scratch + ZEROS, steps);
    firstPairs(sums, scratch, a, end, steps);
    lastPairs(sums, scratch, a + 16, end, steps + 256);
    firstPairs(sums8, scratch8, a, end, steps + 32);
    lastPairs(sums8, scratch8, a + 16, end, steps + 288);
  }
}

/** Writes the sums of 16 columns to `out`. */
export function endTile(scratch: usize, out: usize, outStride: usize, rows: i32): void {
  let sums = scratch + SUMS;
  const half = SUMS_ROW_BYTES * rows;
  for (const end = sums + half; sums < end; sums += SUMS_ROW_BYTES) {
    v128.store(out, v128.load(sums));
    v128.store(out, v128.load(sums, 16), 16);
    v128.store(out, v128.load(sums + half), 32);
    v128.store(out, v128.load(sums + half, 16), 48);
    out += outStride;
  }
}
