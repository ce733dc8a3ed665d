import { scales4 } from '../half';
import { ACTIVATION_BLOCK_BYTES, PANEL_BYTES, Q8_STEP_BYTES } from '../layout';
import { ACTIVATION_BYTES, ZERO_POINT, dotAdd, dotPairs, madd } from '../simd';
import { initial } from './matmul_f32';

/*
 * Many rows. The weights of 8 columns and 32 bytes of a column's block stay in registers while all rows pass: a block
 * takes two passes in the relaxed build, whose weights are i8, and four in the simd build, which widens them to i16
 * first. What a block adds up to between passes, and f32 sums between blocks, lie in scratch, where rows are 128 bytes
 * apart: in `out` they could be a multiple of 4 KB apart and throw each other out of the nearest cache.
 *
 * The zero point of activations is taken off before the first pass: sum(w (a - 64)) = w . a - 64 sum(w). An engine
 * without one instruction for `dotAdd` takes five. There two `dotPairs` are added first, as i16: with the zero point
 * off, four products are at most 4 x 127 x 63 = 32,004, and what is above that on the way wraps around twice.
 *
 * Everything that passes share is loaded, not computed, before their loops: V8 up to 12 moves computation into loops.
 */

const SCALES: usize = 0;
/** -64 sum(w): [16 columns] i32 of the block, or [4 x 2 steps][16 columns][2] i16. */
const ZEROS: usize = SCALES + 64;
/** [16 steps][16 columns][2 k] i16; simd build only. */
const WIDENED: usize = ZEROS + 256;
/** [rows]: 16 sums f32, then 16 sums i32 of the block. */
const SUMS: usize = WIDENED + 1024;
const SUMS_ROW_BYTES: usize = 128;

const ONES = memory.data<u16>([1, 1, 1, 1, 1, 1, 1, 1], 16);

/** Bytes of scratch for `rows` rows; src/core/layout.ts holds the same numbers. */
export function tileScratchBytes(rows: i32): usize {
  return SUMS + SUMS_ROW_BYTES * rows;
}

// @ts-ignore: decorator
@inline
function zeroPairs(w: usize): v128 {
  const zeroPoint = i8x16.splat(<i8>ZERO_POINT);
  const next = v128.load(w, Q8_STEP_BYTES);
  return i16x8.neg(i16x8.add(dotPairs(v128.load(w), zeroPoint), dotPairs(next, zeroPoint)));
}

/** Fills `ZEROS` for `dotPairs`. */
function writeZeroPairs(zeros: usize, steps: usize): void {
  for (const end = steps + 8 * Q8_STEP_BYTES; steps < end; steps += 2 * Q8_STEP_BYTES) {
    v128.store(zeros, zeroPairs(steps));
    v128.store(zeros, zeroPairs(steps + 16), 16);
    v128.store(zeros, zeroPairs(steps + 32), 32);
    v128.store(zeros, zeroPairs(steps + 48), 48);
    zeros += 64;
  }
}

/** Fills `ZEROS` for `dotAdd`. */
function writeZeros(zeros: usize, steps: usize): void {
  const zeroPoint = i8x16.splat(<i8>ZERO_POINT);
  for (const end = zeros + 64; zeros < end; zeros += 16) {
    let sum = i32x4.splat(0);
    for (let step: usize = 0; step < 8 * Q8_STEP_BYTES; step += Q8_STEP_BYTES) {
      sum = dotAdd(v128.load(steps + step), zeroPoint, sum);
    }
    v128.store(zeros, i32x4.neg(sum));
    steps += 16;
  }
}

/** Fills `WIDENED`. */
function widen(out: usize, steps: usize): void {
  for (const end = steps + 8 * Q8_STEP_BYTES; steps < end; steps += Q8_STEP_BYTES) {
    for (let column: usize = 0; column < 64; column += 16) {
      const w = v128.load(steps + column);
      const low = i16x8.extend_low_i8x16_s(w);
      const high = i16x8.extend_high_i8x16_s(w);
      v128.store(out + column, v128.shuffle<i32>(low, high, 0, 2, 4, 6));
      v128.store(out + column, v128.shuffle<i32>(low, high, 1, 3, 5, 7), Q8_STEP_BYTES);
    }
    out += 2 * Q8_STEP_BYTES;
  }
}

/** Two steps by `dotPairs`. */
// @ts-ignore: decorator
@inline
function twoSteps(w0: v128, w1: v128, zeros: v128, a0: v128, a1: v128, ones: v128): v128 {
  return i32x4.dot_i16x8_s(i16x8.add(i16x8.add(dotPairs(w0, a0), zeros), dotPairs(w1, a1)), ones);
}

/** Four steps of 8 columns for all rows; `column` is a byte of a step, `a` the first row's 16 bytes. */
// @ts-ignore: decorator
@inline
function pass(
  scratch: usize,
  column: usize,
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
  const scales = scratch + SCALES + column;
  let sums = scratch + SUMS + column;
  let p = a + 0;
  while (p < end) {
    const a0 = v128.load32_splat(p);
    const a1 = v128.load32_splat(p, 4);
    const a2 = v128.load32_splat(p, 8);
    const a3 = v128.load32_splat(p, 12);
    let s0: v128;
    let s1: v128;
    if (ACTIVATION_BYTES == 1 && pairs) {
      s0 = twoSteps(w00, w10, z00, a0, a1, ones);
      s1 = twoSteps(w01, w11, z01, a0, a1, ones);
      if (!first) {
        s0 = i32x4.add(v128.load(sums, 64), s0);
        s1 = i32x4.add(v128.load(sums, 80), s1);
      }
      s0 = i32x4.add(s0, twoSteps(w20, w30, z20, a2, a3, ones));
      s1 = i32x4.add(s1, twoSteps(w21, w31, z21, a2, a3, ones));
    } else {
      s0 = dotAdd(w00, a0, first ? z00 : v128.load(sums, 64));
      s1 = dotAdd(w01, a0, first ? z01 : v128.load(sums, 80));
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
      v128.store(sums, madd(s0, f32x4.mul(v128.load(scales), scale), v128.load(sums)));
      v128.store(sums, madd(s1, f32x4.mul(v128.load(scales, 16), scale), v128.load(sums, 16)), 16);
    } else {
      v128.store(sums, s0, 64);
      v128.store(sums, s1, 80);
    }
    p += ACTIVATION_BLOCK_BYTES;
    sums += SUMS_ROW_BYTES;
  }
}

// Each is called from two places, which keeps it a function of its own, with the registers to itself.

function firstPairs(scratch: usize, column: usize, a: usize, end: usize, steps: usize): void {
  pass(scratch, column, a, end, steps + column, scratch + ZEROS + column, true, true, false);
}

function lastPairs(scratch: usize, column: usize, a: usize, end: usize, steps: usize): void {
  pass(scratch, column, a, end, steps + column, scratch + ZEROS + 128 + column, true, false, true);
}

function first(scratch: usize, column: usize, a: usize, end: usize, steps: usize): void {
  pass(scratch, column, a, end, steps + column, scratch + ZEROS + column, false, true, false);
}

function middle(scratch: usize, column: usize, a: usize, end: usize, steps: usize): void {
  pass(scratch, column, a, end, steps + column, scratch + ZEROS + column, false, false, false);
}

function last(scratch: usize, column: usize, a: usize, end: usize, steps: usize): void {
  pass(scratch, column, a, end, steps + column, scratch + ZEROS + column, false, false, true);
}

/** Begins the f32 sums of 16 columns with what `initial` gives. */
export function beginTile(
  scratch: usize,
  out: usize,
  outStride: usize,
  rows: i32,
  bias: usize,
  accumulate: bool,
): void {
  let sums = scratch + SUMS;
  for (const end = sums + SUMS_ROW_BYTES * rows; sums < end; sums += SUMS_ROW_BYTES) {
    for (let column: usize = 0; column < PANEL_BYTES; column += 16) {
      v128.store(sums + column, initial(out + column, bias, column, accumulate));
    }
    out += outStride;
  }
}

/**
 * Adds one block's products to the sums: `a` are the block's activations [rows], `steps` its weights, 8 steps of
 * [16 columns][4 k] i8 in -127..127, `scales` their 16 scales f16. `dotAddIsOne`: see `preferDotAdd`.
 */
export function addBlock(
  scratch: usize,
  a: usize,
  rows: i32,
  scales: usize,
  steps: usize,
  dotAddIsOne: bool,
): void {
  for (let column: usize = 0; column < 64; column += 16) {
    v128.store(scratch + SCALES + column, scales4(scales + (column >> 1)));
  }
  const end = a + ACTIVATION_BLOCK_BYTES * rows;
  if (ACTIVATION_BYTES == 2) {
    const widened = scratch + WIDENED;
    widen(widened, steps);
    first(scratch, 0, a, end, widened);
    middle(scratch, 0, a + 16, end, widened + 256);
    middle(scratch, 0, a + 32, end, widened + 512);
    last(scratch, 0, a + 48, end, widened + 768);
    first(scratch, 32, a, end, widened);
    middle(scratch, 32, a + 16, end, widened + 256);
    middle(scratch, 32, a + 32, end, widened + 512);
    last(scratch, 32, a + 48, end, widened + 768);
  } else if (dotAddIsOne) {
    writeZeros(scratch + ZEROS, steps);
    first(scratch, 0, a, end, steps);
    last(scratch, 0, a + 16, end, steps + 256);
    first(scratch, 32, a, end, steps);
    last(scratch, 32, a + 16, end, steps + 256);
  } else {
    writeZeroPairs(scratch + ZEROS, steps);
    firstPairs(scratch, 0, a, end, steps);
    lastPairs(scratch, 0, a + 16, end, steps + 256);
    firstPairs(scratch, 32, a, end, steps);
    lastPairs(scratch, 32, a + 16, end, steps + 256);
  }
}

/** Writes the sums of 16 columns to `out`. */
export function endTile(scratch: usize, out: usize, outStride: usize, rows: i32): void {
  let sums = scratch + SUMS;
  for (const end = sums + SUMS_ROW_BYTES * rows; sums < end; sums += SUMS_ROW_BYTES) {
    for (let column: usize = 0; column < PANEL_BYTES; column += 16) {
      v128.store(out + column, v128.load(sums + column));
    }
    out += outStride;
  }
}
