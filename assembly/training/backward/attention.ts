import { BACKWARD_TILE } from '../abi';
import { matmul } from '../../kernels/formats/f32/matmul';
import { transpose } from '../../kernels/transpose';
import { padded, PANEL, PANEL_BYTES } from '../../abi';
import { exp4 } from '../../math';
import { madd, sumLanes } from '../../simd';
import { Dropout, factors4 } from '../dropout';
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
 * As `scoreGradients` with dropout: p becomes the dropped weights. Dropout counters start with `counter` at
 * `from` and increase by `step`.
 */
function scoreGradientsDropped(
  p: usize,
  dp: usize,
  logSums: usize,
  deltas: usize,
  from: usize,
  count: i32,
  scale: f32,
  dropout: Dropout,
  counter: u32,
  step: u32,
  site: u32,
): void {
  const scale4 = f32x4.splat(scale);
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
 * Gradients dq, dk, dv [T, headSize] of one head's causal attention from `out`, its gradient `dout` and the
 * row sums that `attendForward` left, whose other parameters these are. q, k, v and their gradients have rows
 * `stride` bytes apart, out and dout `outStride`.
 *
 * The weights are computed again, a tile of keys at a time, so no T x T of them is kept: Dao et al. 2022.
 */
export function attendBackward(
  dq: usize,
  dk: usize,
  dv: usize,
  q: usize,
  k: usize,
  v: usize,
  stride: usize,
  out: usize,
  dout: usize,
  outStride: usize,
  logSums: usize,
  T: i32,
  headSize: i32,
  scale: f32,
  dropout: Dropout,
  first: u32,
  site: u32,
  scratch: usize,
): void {
  const length = <usize>padded(T);
  const width = (<usize>padded(headSize)) << 2;
  const bytes = (<usize>headSize) << 2;
  const columnBytes = (<usize>headSize) * PANEL_BYTES;
  const rowBytes = (<usize>T) * PANEL_BYTES;
  const tileStride = length << 2;
  const turnedStride = (<usize>BACKWARD_TILE) << 2;

  const queryColumns = scratch;
  const doutColumns = queryColumns + length * bytes;
  const queryRows = doutColumns + length * bytes;
  const doutRows = queryRows + length * width;
  const keyRows = doutRows + length * width;
  const queries = keyRows + length * width;
  const weights = queries + length * width;
  const gradients = weights + tileStride * BACKWARD_TILE;
  const turned = gradients + tileStride * BACKWARD_TILE;
  const tile = turned + length * turnedStride;
  const deltas = tile + width * BACKWARD_TILE;

  panelsOfColumns(queryColumns, columnBytes, q, stride, T, headSize);
  panelsOfColumns(doutColumns, columnBytes, dout, outStride, T, headSize);
  panelsOfRows(queryRows, rowBytes, q, stride, T, headSize);
  panelsOfRows(doutRows, rowBytes, dout, outStride, T, headSize);
  panelsOfRows(keyRows, rowBytes, k, stride, T, headSize);
  rowProducts(deltas, out, dout, outStride, T, headSize);
  memory.fill(queries, 0, length * width);

  for (let start = 0; start < T; start += BACKWARD_TILE) {
    const height = min(BACKWARD_TILE, T - start);
    // Queries before the tile see none of its keys.
    const count = T - start;
    const panel = <usize>(start / PANEL);
    const keys = k + stride * start;
    const values = v + stride * start;
    matmul(
      weights,
      tileStride,
      keys,
      stride,
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
      stride,
      height,
      doutColumns + columnBytes * panel,
      columnBytes,
      0,
      headSize,
      count,
      false,
    );
    const rowSums = logSums + ((<usize>start) << 2);
    const rowDeltas = deltas + ((<usize>start) << 2);
    for (let r = 0; r < height; r++) {
      const p = weights + tileStride * r;
      const dp = gradients + tileStride * r;
      const from = r & ~3;
      const at = (<usize>from) << 2;
      if (dropout.threshold == 0) {
        scoreGradients(p, dp, rowSums, rowDeltas, at, count, scale);
      } else {
        const counter = first + (start + from) * T + (start + r);
        scoreGradientsDropped(p, dp, rowSums, rowDeltas, at, count, scale, dropout, counter, T, site);
      }
      memory.fill(p, 0, (<usize>r) << 2);
      memory.fill(dp, 0, (<usize>r) << 2);
    }

    const offset = (<usize>start) * PANEL_BYTES;
    matmul(tile, width, weights, tileStride, height, doutRows + offset, rowBytes, 0, count, headSize, false);
    for (let r = 0; r < height; r++) memory.copy(dv + stride * (start + r), tile + width * r, bytes);
    matmul(tile, width, gradients, tileStride, height, queryRows + offset, rowBytes, 0, count, headSize, false);
    for (let r = 0; r < height; r++) memory.copy(dk + stride * (start + r), tile + width * r, bytes);
    transpose(turned, turnedStride, gradients, tileStride, height, count);
    matmul(
      queries + width * start,
      width,
      turned,
      turnedStride,
      count,
      keyRows + offset,
      rowBytes,
      0,
      height,
      headSize,
      true,
    );
  }
  for (let row = 0; row < T; row++) memory.copy(dq + stride * row, queries + width * row, bytes);
}
