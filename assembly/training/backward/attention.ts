import { BACKWARD_TILE } from '../abi';
import { matmul } from '../../kernels/formats/f32/matmul';
import { transpose } from '../../kernels/transpose';
import { padded, PANEL, PANEL_BYTES } from '../../abi';
import { exp4 } from '../../math';
import { madd, sumLanes } from '../../simd';
import { factors4 } from '../dropout';
import { Head } from '../head';
import { panelsOfColumns, panelsOfRows } from '../panels';

/** deltas[T] = dot products of the rows of out and dout, which the gradient of softmax subtracts. */
function rowProducts(deltas: usize, out: usize, dout: usize, stride: usize, T: i32, headSize: i32): void {
  const bytes = (<usize>headSize) << 2;
  const vectors = bytes & ~15;
  for (let row = 0; row < T; row++) {
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < vectors; i += 16) sums = madd(v128.load(out + i), v128.load(dout + i), sums);
    let sum = sumLanes(sums);
    for (let i = vectors; i < bytes; i += 4) sum += load<f32>(out + i) * load<f32>(dout + i);
    store<f32>(deltas + ((<usize>row) << 2), sum);
    out += stride;
    dout += stride;
  }
}

/**
 * Turns one key's scores p for `count` queries into attention weights, and the gradients dp of the weights
 * into those of the scores: p (dp - delta) scale.
 */
// @ts-ignore: decorator
@inline
function scoreGradients(
  p: usize,
  dp: usize,
  logSums: usize,
  deltas: usize,
  from: usize,
  count: i32,
  scale: f32,
): void {
  const scale4 = f32x4.splat(scale);
  for (let i = from, end = (<usize>count) << 2; i < end; i += 16) {
    const weight = exp4(f32x4.sub(f32x4.mul(v128.load(p + i), scale4), v128.load(logSums + i)));
    const d = f32x4.sub(v128.load(dp + i), v128.load(deltas + i));
    v128.store(p + i, weight);
    v128.store(dp + i, f32x4.mul(f32x4.mul(weight, scale4), d));
  }
}

/**
 * As `scoreGradients` with the head's dropout: p becomes the dropped weights. Dropout counters start with
 * `counter` at `from` and increase by the head's `weightStride`, from one query to the next.
 */
function scoreGradientsDropped(
  head: Head,
  p: usize,
  dp: usize,
  logSums: usize,
  deltas: usize,
  from: usize,
  count: i32,
  counter: u32,
): void {
  const scale4 = f32x4.splat(head.scale);
  const dropout = head.dropout;
  const step = <u32>head.weightStride;
  const site = head.site;
  let counters = i32x4.add(i32x4.splat(counter), i32x4.mul(i32x4.splat(step), i32x4(0, 1, 2, 3)));
  for (let i = from, end = (<usize>count) << 2; i < end; i += 16) {
    const factors = factors4(dropout, counters, site);
    counters = i32x4.add(counters, i32x4.splat(step << 2));
    const weight = exp4(f32x4.sub(f32x4.mul(v128.load(p + i), scale4), v128.load(logSums + i)));
    const d = f32x4.sub(f32x4.mul(v128.load(dp + i), factors), v128.load(deltas + i));
    v128.store(p + i, f32x4.mul(weight, factors));
    v128.store(dp + i, f32x4.mul(f32x4.mul(weight, scale4), d));
  }
}

/**
 * Gradients dq [T, headSize] and dk, dv [S, headSize] of one head's attention from the head as `attendForward`
 * left it and `dout`, the gradient of its output. Rows of the gradients are as far apart as those of q, k, v
 * and out.
 *
 * The weights are computed again, a tile of keys at a time, so no T x T of them is kept: Dao et al. 2022.
 * `scratch` has attentionBackwardScratchBytes.
 */
export function attendBackward(
  head: Head,
  dq: usize,
  dk: usize,
  dv: usize,
  dout: usize,
  scratch: usize,
): void {
  const q = head.q;
  const k = head.k;
  const v = head.v;
  const stride = head.stride;
  const keyStride = head.keyStride;
  const outStride = head.outStride;
  const logSums = head.logSums;
  const T = head.T;
  const S = head.S;
  const causal = head.causal;
  const headSize = head.headSize;
  const scale = head.scale;
  const firstWeight = head.firstWeight;
  const weightStride = head.weightStride;
  const drops = head.dropout.threshold != 0;
  const length = <usize>padded(T);
  const width = (<usize>padded(headSize)) << 2;
  const bytes = (<usize>headSize) << 2;
  const columnBytes = (<usize>headSize) * PANEL_BYTES;
  const rowBytes = (<usize>T) * PANEL_BYTES;
  const keyRowBytes = (<usize>S) * PANEL_BYTES;
  const tileStride = length << 2;
  const turnedStride = (<usize>BACKWARD_TILE) << 2;

  const queryColumns = scratch;
  const doutColumns = queryColumns + length * bytes;
  const queryRows = doutColumns + length * bytes;
  const doutRows = queryRows + length * width;
  const keyRows = doutRows + length * width;
  const queries = keyRows + (<usize>padded(S)) * width;
  const weights = queries + length * width;
  const gradients = weights + tileStride * BACKWARD_TILE;
  const turned = gradients + tileStride * BACKWARD_TILE;
  const tile = turned + length * turnedStride;
  const deltas = tile + width * BACKWARD_TILE;

  panelsOfColumns(queryColumns, columnBytes, q, stride, T, headSize);
  panelsOfColumns(doutColumns, columnBytes, dout, outStride, T, headSize);
  panelsOfRows(queryRows, rowBytes, q, stride, T, headSize);
  panelsOfRows(doutRows, rowBytes, dout, outStride, T, headSize);
  panelsOfRows(keyRows, keyRowBytes, k, keyStride, S, headSize);
  rowProducts(deltas, head.out, dout, outStride, T, headSize);
  memory.fill(queries, 0, length * width);

  for (let start = 0; start < S; start += BACKWARD_TILE) {
    const height = min(BACKWARD_TILE, S - start);
    // With a causal mask, queries before the tile see none of its keys.
    const first = causal ? start : 0;
    const count = T - first;
    const panel = <usize>(first / PANEL);
    const keys = k + keyStride * start;
    const values = v + keyStride * start;
    matmul(
      weights,
      tileStride,
      keys,
      keyStride,
      height,
      queryColumns + columnBytes * panel,
      columnBytes,
      0,
      headSize,
      count,
      false,
    );
    matmul(
      gradients,
      tileStride,
      values,
      keyStride,
      height,
      doutColumns + columnBytes * panel,
      columnBytes,
      0,
      headSize,
      count,
      false,
    );
    const rowSums = logSums + ((<usize>first) << 2);
    const rowDeltas = deltas + ((<usize>first) << 2);
    for (let r = 0; r < height; r++) {
      const p = weights + tileStride * r;
      const dp = gradients + tileStride * r;
      const hidden = causal ? r : 0;
      const from = hidden & ~3;
      const at = (<usize>from) << 2;
      if (drops) {
        const counter = firstWeight + (first + from) * weightStride + (start + r);
        scoreGradientsDropped(head, p, dp, rowSums, rowDeltas, at, count, counter);
      } else {
        scoreGradients(p, dp, rowSums, rowDeltas, at, count, scale);
      }
      memory.fill(p, 0, (<usize>hidden) << 2);
      memory.fill(dp, 0, (<usize>hidden) << 2);
    }

    const offset = (<usize>first) * PANEL_BYTES;
    matmul(tile, width, weights, tileStride, height, doutRows + offset, rowBytes, 0, count, headSize, false);
    for (let r = 0; r < height; r++) memory.copy(dv + keyStride * (start + r), tile + width * r, bytes);
    matmul(tile, width, gradients, tileStride, height, queryRows + offset, rowBytes, 0, count, headSize, false);
    for (let r = 0; r < height; r++) memory.copy(dk + keyStride * (start + r), tile + width * r, bytes);
    transpose(turned, turnedStride, gradients, tileStride, height, count);
    matmul(
      queries + width * first,
      width,
      turned,
      turnedStride,
      count,
      keyRows + (<usize>start) * PANEL_BYTES,
      keyRowBytes,
      0,
      height,
      headSize,
      true,
    );
  }
  for (let row = 0; row < T; row++) memory.copy(dq + stride * row, queries + width * row, bytes);
}
