import { FORWARD_TILE } from './abi';
import { matmul } from '../kernels/formats/f32/matmul';
import { maximum } from '../kernels/maximum';
import { padded, PANEL_BYTES } from '../abi';
import { exp1, exp4, ln } from '../math';
import { madd, sumLanes } from '../simd';
import { factors4 } from './dropout';
import { Head } from './head';
import { panelsOfColumns, panelsOfRows } from './panels';

/** scores = exp(scale scores - shift) for the first `count`; returns their sum. */
function exponentials(scores: usize, count: i32, scale: f32, shift: f32): f32 {
  const scale4 = f32x4.splat(scale);
  const shift4 = f32x4.splat(-shift);
  const end = scores + ((<usize>count) << 2);
  let sums = f32x4.splat(0);
  for (; scores + 16 <= end; scores += 16) {
    const p = exp4(madd(v128.load(scores), scale4, shift4));
    v128.store(scores, p);
    sums = f32x4.add(sums, p);
  }
  let sum = sumLanes(sums);
  for (; scores < end; scores += 4) {
    const p = exp1(load<f32>(scores) * scale - shift);
    store<f32>(scores, p);
    sum += p;
  }
  return sum;
}

/**
 * Attention of one head, T queries over S keys: out[T, headSize] = dropped softmax(scale q . K^T) . V, and
 * logSums[T] = ln of each row's sum of exponentials, from which the backward pass finds the weights again
 * (Dao et al. 2022). A tile of queries keeps its whole rows of scores, so that the softmax needs no running
 * maximum. `scratch` has attentionForwardScratchBytes.
 */
export function attendForward(head: Head, scratch: usize): void {
  const stride = head.stride;
  const keyStride = head.keyStride;
  const outStride = head.outStride;
  const logSums = head.logSums;
  const T = head.T;
  const S = head.S;
  const causal = head.causal;
  const headSize = head.headSize;
  const scale = head.scale;
  const dropout = head.dropout;
  const firstWeight = head.firstWeight;
  const weightStride = head.weightStride;
  const site = head.site;
  let q = head.q;
  let out = head.out;
  const length = <usize>padded(S);
  const scoreStride = length << 2;
  const sumStride = (<usize>padded(headSize)) << 2;
  const keyPanelBytes = (<usize>headSize) * PANEL_BYTES;
  const valuePanelBytes = (<usize>S) * PANEL_BYTES;
  const keys = scratch;
  const values = keys + length * ((<usize>headSize) << 2);
  const scores = values + length * sumStride;
  const sums = scores + scoreStride * FORWARD_TILE;
  panelsOfColumns(keys, keyPanelBytes, head.k, keyStride, S, headSize);
  panelsOfRows(values, valuePanelBytes, head.v, keyStride, S, headSize);

  for (let start = 0; start < T; start += FORWARD_TILE) {
    const height = min(FORWARD_TILE, T - start);
    const count = causal ? start + height : S;
    matmul(scores, scoreStride, q, stride, height, keys, keyPanelBytes, 0, headSize, count, false);
    for (let r = 0; r < height; r++) {
      const row = scores + scoreStride * r;
      const visible = causal ? start + r + 1 : S;
      const largest = maximum(row, visible) * scale;
      const total = exponentials(row, visible, scale, largest);
      store<f32>(logSums + ((<usize>(start + r)) << 2), largest + <f32>ln(<f64>total));
      const inverse = f32x4.splat(1 / total);
      const end = row + ((<usize>visible) << 2);
      if (dropout.threshold == 0) {
        for (let p = row; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), inverse));
      } else {
        let counters = i32x4.add(i32x4.splat(firstWeight + (start + r) * weightStride), i32x4(0, 1, 2, 3));
        for (let p = row; p < end; p += 16) {
          const factors = f32x4.mul(factors4(dropout, counters, site), inverse);
          v128.store(p, f32x4.mul(v128.load(p), factors));
          counters = i32x4.add(counters, i32x4.splat(4));
        }
      }
      memory.fill(end, 0, (<usize>(count - visible)) << 2);
    }
    matmul(sums, sumStride, scores, scoreStride, height, values, valuePanelBytes, 0, count, headSize, false);
    for (let r = 0; r < height; r++) {
      memory.copy(out, sums + sumStride * r, (<usize>headSize) << 2);
      out += outStride;
    }
    q += stride * FORWARD_TILE;
  }
}
