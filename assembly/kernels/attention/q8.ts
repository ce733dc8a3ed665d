import { KV_Q8, PAGE, padded } from '../../abi';
import { scales4 } from '../../half';
import { keyPanelBytes, scalesOffset, valuePanelBytes, valuesOffset } from '../kv/layout';
import { largestMagnitude } from '../magnitude';
import { maximum } from '../maximum';
import { matmulPairs } from './pairs';

/*
 * Scores and sums over q8 keys and values are exact integers: a query is quantized to i16 with one scale, and
 * so are the weights of a page, each first multiplied by the scale of its position's value.
 */

/** Levels of weights: PAGE x 127 x 32,767 is below 2^31. */
// @ts-ignore: decorator
@inline
const WEIGHT_LEVELS: i32 = 32767;

/** Below this, levels / largest could be infinite; such numbers count as zeros. */
// @ts-ignore: decorator
@inline
const SMALLEST: f32 = 1e-30;

/** Bytes of a quantized query, a row of pairs.ts. */
// @ts-ignore: decorator
@inline
export function queryBytes(headSize: i32): usize {
  return (((<usize>headSize) << 1) + 8 + 15) & ~15;
}

/** Bytes of a row's quantized weights, a row of pairs.ts. */
// @ts-ignore: decorator
@inline
const WEIGHTS_BYTES: usize = (PAGE << 1) + 16;

// @ts-ignore: decorator
@inline
function nearest4(x: v128, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, inverse)));
}

/**
 * Quantizes n f32 of magnitudes up to `largest` to a row of pairs.ts, whose scale is multiplied by `factor`.
 */
function quantize(
  out: usize,
  bytes: usize,
  x: usize,
  n: i32,
  largest: f32,
  levels: i32,
  factor: f32,
): void {
  const end = out + bytes;
  const inverse = f32x4.splat(largest > SMALLEST ? <f32>levels / largest : 0);
  let sums = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const integers = nearest4(v128.load(x), inverse);
    sums = i32x4.add(sums, integers);
    v128.store64_lane(out, i16x8.narrow_i32x4_s(integers, integers), 0);
    x += 16;
    out += 8;
  }
  sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
  let sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
  for (; i < n; i++) {
    const integer = i32x4.extract_lane(nearest4(v128.load32_splat(x), inverse), 0);
    sum += integer;
    store<i16>(out, <i16>integer);
    x += 4;
    out += 2;
  }
  if (n & 1) store<i16>(out, 0);
  store<i32>(end - 8, -128 * sum);
  store<f32>(end - 4, (largest / <f32>levels) * factor);
}

/** Quantizes a row of a head's queries. */
export function quantizeQuery(out: usize, q: usize, headSize: i32, scale: f32): void {
  const levels = min(32767, i32.MAX_VALUE / (127 * headSize)); // so that no score overflows
  quantize(out, queryBytes(headSize), q, headSize, largestMagnitude(q, headSize), levels, scale);
}

/** Scaled scores of the first `count` positions of a page's part for `rows` quantized queries. */
export function scoresQ8(
  scores: usize,
  scoreStride: usize,
  queries: usize,
  rows: i32,
  part: usize,
  headSize: i32,
  count: i32,
): void {
  const queryStride = queryBytes(headSize);
  const K = (headSize + 1) & -2;
  const panelStride = keyPanelBytes(KV_Q8, headSize);
  matmulPairs(scores, scoreStride, queries, queryStride, rows, part, panelStride, K, count);
  for (let row = 0; row < rows; row++) {
    queries += queryStride;
    const scale = v128.load32_splat(queries - 4);
    let keyScales = part + scalesOffset(headSize);
    for (let s = scores, end = scores + ((<usize>count) << 2); s < end; s += 16) {
      const sums = f32x4.convert_i32x4_s(v128.load(s));
      v128.store(s, f32x4.mul(sums, f32x4.mul(scales4(keyScales), scale)));
      keyScales += 8;
    }
    scores += scoreStride;
  }
}

/** Quantizes weights x scales of the values, a multiple of 16 of them. */
function quantizeWeights(out: usize, weights: usize, scales: usize, count: i32): void {
  for (let w = weights, end = weights + ((<usize>count) << 2); w < end; w += 16) {
    v128.store(w, f32x4.mul(v128.load(w), scales4(scales)));
    scales += 8;
  }
  quantize(out, WEIGHTS_BYTES, weights, count, maximum(weights, count), WEIGHT_LEVELS, 1);
}

/**
 * sums[rows, headSize] += weights[rows, count] . values of a page's part. Weights are f32 and are
 * overwritten; they must be 0 from each row's last position to `count` rounded up to 16. `scratch` has
 * `valuesScratchBytes(rows, headSize)`.
 */
export function addValuesQ8(
  sums: usize,
  sumStride: usize,
  weights: usize,
  weightStride: usize,
  rows: i32,
  part: usize,
  headSize: i32,
  count: i32,
  scratch: usize,
): void {
  const K = padded(count);
  const N = padded(headSize);
  const scales = part + scalesOffset(headSize) + (PAGE << 1);
  const values = part + valuesOffset(KV_Q8, headSize);
  const productStride = (<usize>N) << 2;
  const quantized = scratch;
  const products = quantized + WEIGHTS_BYTES * rows;
  for (let row = 0; row < rows; row++) {
    quantizeWeights(quantized + WEIGHTS_BYTES * row, weights + weightStride * row, scales, K);
  }
  matmulPairs(products, productStride, quantized, WEIGHTS_BYTES, rows, values, valuePanelBytes(KV_Q8), K, N);
  for (let row = 0; row < rows; row++) {
    const scale = v128.load32_splat(quantized + WEIGHTS_BYTES * (row + 1) - 4);
    const product = products + productStride * row;
    for (let i: usize = 0; i < productStride; i += 16) {
      const term = f32x4.mul(f32x4.convert_i32x4_s(v128.load(product + i)), scale);
      v128.store(sums + i, f32x4.add(v128.load(sums + i), term));
    }
    sums += sumStride;
  }
}

/** Bytes of scratch for `addValuesQ8`. */
export function valuesScratchBytes(rows: i32, headSize: i32): usize {
  return (WEIGHTS_BYTES + ((<usize>padded(headSize)) << 2)) * rows;
}
