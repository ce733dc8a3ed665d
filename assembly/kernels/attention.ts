import { padded, PANEL, PANEL_BYTES } from '../abi';
import { exp1, exp4 } from '../math';
import { madd, maxLanes, sumLanes } from '../simd';
import { matmul } from './formats/f32/matmul';

/** Queries in one tile, and keys in one step of the running softmax. */
const QUERY_TILE: i32 = 6;
export const KEY_BLOCK: i32 = 128;

/**
 * Bytes of scratch for `attendHead`: for each query of a tile KEY_BLOCK scores, an output row, a maximum and
 * a total.
 */
export function attentionScratchBytes(headSize: i32): usize {
  return ((<usize>QUERY_TILE * (KEY_BLOCK + padded(headSize) + 2) + 15) & ~15) << 2;
}

/**
 * Writes keys and values of `rows` positions from `start` into one head's part of a layer's cache.
 *
 * Keys are panels [T / 16][head size][16] (columns are positions), values panels [head size / 16][T][16]
 * (columns are channels), so that attention is two matrix products. Rows of `k` and `v` are `rowStride` bytes
 * apart; T is `capacity`, a multiple of 16. Only positions that were written are read, so the cache may start
 * with any content.
 */
export function storeKeyValue(
  keys: usize,
  values: usize,
  capacity: i32,
  k: usize,
  v: usize,
  rowStride: usize,
  rows: i32,
  start: i32,
  headSize: i32,
): void {
  const valuePanelBytes = (<usize>capacity) * PANEL_BYTES;
  for (let position = start; position < start + rows; position++) {
    const key = keys + (<usize>(position / PANEL)) * headSize * PANEL_BYTES + ((<usize>(position % PANEL)) << 2);
    const value = values + (<usize>position) * PANEL_BYTES;
    for (let i = 0; i < headSize; i++) {
      store<f32>(key + (<usize>i) * PANEL_BYTES, load<f32>(k + ((<usize>i) << 2)));
    }
    for (let i = 0; i < headSize; i += PANEL) {
      const bytes = (<usize>min(PANEL, headSize - i)) << 2;
      memory.copy(value + (<usize>(i / PANEL)) * valuePanelBytes, v + ((<usize>i) << 2), bytes);
    }
    k += rowStride;
    v += rowStride;
  }
}

/**
 * Turns one row of scores into weights of the softmax that runs along the key blocks: p = exp(scale s - m)
 * for the first `valid` of `count` scores, 0 for the rest. Returns their sum.
 */
// @ts-ignore: decorator
@inline
function weigh(scores: usize, valid: i32, count: i32, scale: f32, m: f32): f32 {
  const scale4 = f32x4.splat(scale);
  const m4 = f32x4.splat(-m);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= valid; i += 4) {
    const s = scores + ((<usize>i) << 2);
    const p = exp4(madd(v128.load(s), scale4, m4));
    v128.store(s, p);
    sums = f32x4.add(sums, p);
  }
  let sum: f32 = 0;
  for (; i < valid; i++) {
    const s = scores + ((<usize>i) << 2);
    const p = exp1(load<f32>(s) * scale - m);
    store<f32>(s, p);
    sum += p;
  }
  for (; i < count; i++) store<f32>(scores + ((<usize>i) << 2), 0);
  return sum + sumLanes(sums);
}

/** Largest of the first `count` scores. */
// @ts-ignore: decorator
@inline
function largest(scores: usize, count: i32): f32 {
  let best4 = f32x4.splat(-Infinity);
  let i = 0;
  for (; i + 4 <= count; i += 4) best4 = f32x4.pmax(best4, v128.load(scores + ((<usize>i) << 2)));
  let best = maxLanes(best4);
  for (; i < count; i++) best = max(best, load<f32>(scores + ((<usize>i) << 2)));
  return best;
}

/**
 * Causal attention of one head: out[rows, headSize] = softmax(scale q . K^T) . V, where row i sees the
 * positions up to start + i. One pass over the keys with a running maximum and sum, so no row of T
 * scores is stored: Milakov and Gimelshein 2018; Dao et al. 2022. Key blocks begin at fixed positions,
 * so the result does not depend on how a prompt is cut into calls.
 *
 * `scratch` has `attentionScratchBytes`.
 */
export function attendHead(
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  rows: i32,
  start: i32,
  keys: usize,
  values: usize,
  capacity: i32,
  headSize: i32,
  scale: f32,
  scratch: usize,
): void {
  const scoreStride = (<usize>KEY_BLOCK) << 2;
  const sumStride = (<usize>padded(headSize)) << 2;
  const keyPanelBytes = (<usize>headSize) * PANEL_BYTES;
  const valuePanelBytes = (<usize>capacity) * PANEL_BYTES;
  const scores = scratch;
  const sums = scores + (<usize>QUERY_TILE) * scoreStride;
  const maxima = sums + (<usize>QUERY_TILE) * sumStride;
  const totals = maxima + (QUERY_TILE << 2);

  for (let first = 0; first < rows; first += QUERY_TILE) {
    const height = min(QUERY_TILE, rows - first);
    const lastPosition = start + first + height - 1;
    memory.fill(sums, 0, sumStride * height);
    for (let r = 0; r < height; r++) {
      store<f32>(maxima + ((<usize>r) << 2), -Infinity);
      store<f32>(totals + ((<usize>r) << 2), 0);
    }
    for (let block = 0; block <= lastPosition; block += KEY_BLOCK) {
      const count = min(KEY_BLOCK, lastPosition + 1 - block);
      const blockKeys = keys + (<usize>(block / PANEL)) * keyPanelBytes;
      matmul(scores, scoreStride, q, qStride, height, blockKeys, keyPanelBytes, 0, headSize, count, false);
      for (let r = 0; r < height; r++) {
        const valid = min(count, start + first + r + 1 - block);
        const row = scores + scoreStride * r;
        if (valid <= 0) {
          memory.fill(row, 0, (<usize>count) << 2);
          continue;
        }
        const before = load<f32>(maxima + ((<usize>r) << 2));
        const m = max(before, largest(row, valid) * scale);
        if (m > before) {
          const shrink = f32x4.splat(exp1(before - m));
          const sum = sums + sumStride * r;
          for (let i: usize = 0; i < sumStride; i += 16) {
            v128.store(sum + i, f32x4.mul(v128.load(sum + i), shrink));
          }
          const total = totals + ((<usize>r) << 2);
          store<f32>(total, load<f32>(total) * f32x4.extract_lane(shrink, 0));
          store<f32>(maxima + ((<usize>r) << 2), m);
        }
        const total = totals + ((<usize>r) << 2);
        store<f32>(total, load<f32>(total) + weigh(row, valid, count, scale, m));
      }
      const blockValues = values + (<usize>block) * PANEL_BYTES;
      matmul(sums, sumStride, scores, scoreStride, height, blockValues, valuePanelBytes, 0, count, headSize, true);
    }
    for (let r = 0; r < height; r++) {
      const inverse: f32 = 1 / load<f32>(totals + ((<usize>r) << 2));
      const sum = sums + sumStride * r;
      for (let i: usize = 0; i < (<usize>headSize) << 2; i += 4) {
        store<f32>(out + i, load<f32>(sum + i) * inverse);
      }
      out += outStride;
    }
    q += qStride * QUERY_TILE;
  }
}
