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
const WEIGHT_LEVELS: f32 = 32767;

/** Below this, levels / largest could be infinite; such numbers count as zeros. */
// @ts-ignore: decorator
@inline
const SMALLEST: f32 = 1e-30;

/** Bytes of a quantized query: pairs of i16 and, in the last 4 bytes, its scale (f32). */
// @ts-ignore: decorator
@inline
export function queryBytes(headSize: i32): usize {
  return ((<usize>headSize << 1) + 4 + 15) & ~15;
}

/** Bytes of a row's quantized weights. */
// @ts-ignore: decorator
@inline
export const WEIGHTS_BYTES: usize = PAGE << 1;

/** Four f32 as the nearest integers, i16 in the low half of the result. */
// @ts-ignore: decorator
@inline
function nearest4(x: v128, inverse: v128): v128 {
  const integers = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, inverse)));
  return i16x8.narrow_i32x4_s(integers, integers);
}

/** Quantizes a row of a head's queries; the stored scale is multiplied by `scale`. */
export function quantizeQuery(out: usize, q: usize, headSize: i32, scale: f32): void {
  const levels = <f32>min(32767, i32.MAX_VALUE / (127 * headSize)); // so that no score overflows
  const largest = largestMagnitude(q, headSize);
  const inverse = f32x4.splat(largest > SMALLEST ? levels / largest : 0);
  store<f32>(out + queryBytes(headSize) - 4, (largest / levels) * scale);
  let i = 0;
  for (; i + 4 <= headSize; i += 4) {
    v128.store64_lane(out + (<usize>i << 1), nearest4(v128.load(q + (<usize>i << 2)), inverse), 0);
  }
  for (; i < headSize; i++) {
    v128.store16_lane(out + (<usize>i << 1), nearest4(v128.load32_splat(q + (<usize>i << 2)), inverse), 0);
  }
  if (headSize & 1) store<i16>(out + (<usize>headSize << 1), 0);
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
    for (let s = scores, end = scores + (<usize>count << 2); s < end; s += 16) {
      const sums = f32x4.convert_i32x4_s(v128.load(s));
      v128.store(s, f32x4.mul(sums, f32x4.mul(scales4(keyScales), scale)));
      keyScales += 8;
    }
    scores += scoreStride;
  }
}

/** Quantizes weights x scales of the values, a multiple of 4 of them; returns their scale. */
function quantizeWeights(out: usize, weights: usize, scales: usize, count: i32): f32 {
  const end = weights + (<usize>count << 2);
  for (let w = weights; w < end; w += 16) {
    v128.store(w, f32x4.mul(v128.load(w), scales4(scales)));
    scales += 8;
  }
  const largest = maximum(weights, count);
  const inverse = f32x4.splat(largest > SMALLEST ? WEIGHT_LEVELS / largest : 0);
  for (let w = weights; w < end; w += 16) {
    v128.store64_lane(out, nearest4(v128.load(w), inverse), 0);
    out += 8;
  }
  return largest / WEIGHT_LEVELS;
}

/**
 * sums[rows, headSize] += weights[rows, count] . values of a page's part. Weights are f32 and are overwritten;
 * they must be 0 from each row's last position to `count` rounded up to 16. `scratch` has
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
  const productStride = <usize>N << 2;
  const quantized = scratch;
  const products = quantized + WEIGHTS_BYTES * rows;
  const rowScales = products + productStride * rows;
  for (let row = 0; row < rows; row++) {
    const scale = quantizeWeights(quantized + WEIGHTS_BYTES * row, weights + weightStride * row, scales, K);
    store<f32>(rowScales + (<usize>row << 2), scale);
  }
  matmulPairs(products, productStride, quantized, WEIGHTS_BYTES, rows, values, valuePanelBytes(KV_Q8), K, N);
  for (let row = 0; row < rows; row++) {
    const scale = v128.load32_splat(rowScales + (<usize>row << 2));
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
  return (WEIGHTS_BYTES + (<usize>padded(headSize) << 2) + 4) * rows;
}
