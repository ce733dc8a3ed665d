import { scales4 } from '../../../half';
import { PANEL, PANEL_BYTES, Q8_BLOCK_BYTES } from '../../../abi';
import { blocks, SCALES_BYTES } from '../blocks';
import { ACTIVATIONS_BYTES, STEP_BYTES } from './layout';
import { ACTIVATION_BYTES, ZERO_POINT, dotAdd, dotPairs, madd } from '../../../simd';
import { initial } from '../f32/matmul';
import { multiplyRows } from './rows';
import { addBlock, beginTile, endTile } from './tile';

/** Without one-instruction `dotAdd`, fewer rows than this are computed one by one. */
const TILE_ROWS: i32 = 5;

/** Whether products use `dotAdd` instead of `dotPairs`; set once, before the first call. */
export let dotAddIsOne: bool = false;

/** Sets whether `dotAdd` is one instruction on this engine. The results are the same to the last bit. */
export function preferDotAdd(preferred: bool): void {
  dotAddIsOne = preferred;
}

/*
 * Sums within a block are integers and exact; blocks are added in order to `initial`, so the number of rows
 * never changes a result. tile.ts explains the zero point and `dotPairs`.
 *
 * A row has two sums for each four columns. In the relaxed build, `low` sums the products and `high` the
 * share of the zero point; in the simd build, `low` sums the first two columns and `high` the last two, even
 * and odd pairs of k apart.
 */

const ONES = memory.data<u16>([1, 1, 1, 1, 1, 1, 1, 1], 16);
const ZERO_POINTS = memory.data<u8>([<u8>ZERO_POINT], 1);

// @ts-ignore: decorator
@inline
function addLow(sum: v128, w: v128, a: v128, zeroPoints: v128, ones: v128, pairs: bool): v128 {
  if (ACTIVATION_BYTES == 2) return dotAdd(i16x8.extend_low_i8x16_s(w), a, sum);
  if (!pairs) return dotAdd(w, a, sum);
  return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.sub(dotPairs(w, a), dotPairs(w, zeroPoints)), ones));
}

// @ts-ignore: decorator
@inline
function addHigh(sum: v128, w: v128, a: v128, zeroPoints: v128, pairs: bool): v128 {
  if (ACTIVATION_BYTES == 2) return dotAdd(i16x8.extend_high_i8x16_s(w), a, sum);
  return pairs ? sum : dotAdd(w, zeroPoints, sum);
}

/** sum + the block's four integer sums x scales of the weights x scale of the activations. */
// @ts-ignore: decorator
@inline
function addBlockOfRow(sum: v128, low: v128, high: v128, weightScales: v128, scale: v128): v128 {
  const whole =
    ACTIVATION_BYTES == 2
      ? i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7))
      : i32x4.sub(low, high);
  return madd(f32x4.convert_i32x4_s(whole), f32x4.mul(weightScales, scale), sum);
}

/**
 * One row of 16 columns; reads the panel as one stream, because memory bandwidth is the limit. Blocks of the
 * row are `aStride` bytes apart.
 */
// @ts-ignore: decorator
@inline
function row16(
  out: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  bias: usize,
  accumulate: bool,
  pairs: bool,
): void {
  let s0 = initial(out, bias, 0, accumulate);
  let s1 = initial(out + 16, bias, 16, accumulate);
  let s2 = initial(out + 32, bias, 32, accumulate);
  let s3 = initial(out + 48, bias, 48, accumulate);
  const ones = v128.load(ONES);
  const zeroPoints = v128.load8_splat(ZERO_POINTS);
  while (w < end) {
    const scales = w;
    const blockEnd = w + Q8_BLOCK_BYTES;
    w += SCALES_BYTES;
    let p = a + 0;
    let low0 = i32x4.splat(0);
    let low1 = low0;
    let low2 = low0;
    let low3 = low0;
    let high0 = low0;
    let high1 = low0;
    let high2 = low0;
    let high3 = low0;
    while (w < blockEnd) {
      const input = ACTIVATION_BYTES == 2 ? v128.load64_splat(p) : v128.load32_splat(p);
      const w0 = v128.load(w);
      low0 = addLow(low0, w0, input, zeroPoints, ones, pairs);
      high0 = addHigh(high0, w0, input, zeroPoints, pairs);
      const w1 = v128.load(w, 16);
      low1 = addLow(low1, w1, input, zeroPoints, ones, pairs);
      high1 = addHigh(high1, w1, input, zeroPoints, pairs);
      const w2 = v128.load(w, 32);
      low2 = addLow(low2, w2, input, zeroPoints, ones, pairs);
      high2 = addHigh(high2, w2, input, zeroPoints, pairs);
      const w3 = v128.load(w, 48);
      low3 = addLow(low3, w3, input, zeroPoints, ones, pairs);
      high3 = addHigh(high3, w3, input, zeroPoints, pairs);
      w += STEP_BYTES;
      p += 4 * ACTIVATION_BYTES;
    }
    const scale = v128.load32_splat(p);
    s0 = addBlockOfRow(s0, low0, high0, scales4(scales), scale);
    s1 = addBlockOfRow(s1, low1, high1, scales4(scales + 8), scale);
    s2 = addBlockOfRow(s2, low2, high2, scales4(scales + 16), scale);
    s3 = addBlockOfRow(s3, low3, high3, scales4(scales + 24), scale);
    a += aStride;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

// Each is called from two places, so that the compiler does not inline it and it has all registers.

function rowByPairs(
  out: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  bias: usize,
  accumulate: bool,
): void {
  row16(out, a, aStride, w, end, bias, accumulate, true);
}

function rowByDotAdd(
  out: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  bias: usize,
  accumulate: bool,
): void {
  row16(out, a, aStride, w, end, bias, accumulate, false);
}

// @ts-ignore: decorator
@inline
function multiplyRow(
  out: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  bias: usize,
  accumulate: bool,
): void {
  if (ACTIVATION_BYTES == 2 || dotAddIsOne) rowByDotAdd(out, a, aStride, w, end, bias, accumulate);
  else rowByPairs(out, a, aStride, w, end, bias, accumulate);
}

/**
 * out[rows, N] = a[rows, K] . w[K, N] (+ bias[N]) (+ out), with `a` from `quantizeRows` and `w` in the panels
 * of layout.ts.
 *
 * Whole panels are written, so rows of `out`, `outStride` bytes apart, and `bias` have room for N rounded up
 * to 16; `bias` may be 0. `scratch` has `tileScratchBytes(rows)` and at least `preparedBytes(K)` bytes.
 */
export function matmulQ8(
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
  const aStride = ACTIVATIONS_BYTES * rows;
  const panelStride = blocks(K) * Q8_BLOCK_BYTES;
  for (let n = 0; n < N; n += PANEL) {
    const end = w + panelStride;
    if (ACTIVATION_BYTES == 1 && dotAddIsOne && rows > 1) {
      multiplyRows(out, outStride, a, aStride, rows, w, end, bias, accumulate, scratch);
    } else if (rows < TILE_ROWS) {
      multiplyRow(out, a, aStride, w, end, bias, accumulate);
      for (let row = 1; row < rows; row++) {
        multiplyRow(
          out + outStride * row,
          a + ACTIVATIONS_BYTES * row,
          aStride,
          w,
          end,
          bias,
          accumulate,
        );
      }
    } else {
      beginTile(scratch, out, outStride, rows, bias, accumulate);
      let blockA = a;
      for (let block = w; block < end; block += Q8_BLOCK_BYTES) {
        addBlock(scratch, blockA, rows, block, block + SCALES_BYTES);
        blockA += aStride;
      }
      endTile(scratch, out, outStride, rows);
    }
    out += PANEL_BYTES;
    w = end;
    if (bias) bias += PANEL_BYTES;
  }
}
