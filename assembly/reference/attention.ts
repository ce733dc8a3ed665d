import { KV_F16, KV_F32 } from '../abi';
import { decodeF16 } from './pack';
import { nearestHalf } from './q8';

/**
 * Weights of one head's attention, softmax in two passes over all visible keys: [rows, S] from q [rows, D] and
 * k [S, D]. If it is causal, S is start + rows and row i sees the positions up to start + i, otherwise all.
 */
export function weights(
  q: StaticArray<f32>,
  k: StaticArray<f32>,
  rows: i32,
  start: i32,
  D: i32,
  scale: f64,
  causal: bool = true,
): StaticArray<f64> {
  const length = k.length / D;
  const out = new StaticArray<f64>(rows * length);
  for (let row = 0; row < rows; row++) {
    const visible = causal ? start + row + 1 : length;
    let largest = -Infinity;
    for (let t = 0; t < visible; t++) {
      let dot: f64 = 0;
      for (let d = 0; d < D; d++) dot += <f64>q[row * D + d] * <f64>k[t * D + d];
      out[row * length + t] = dot * scale;
      largest = Math.max(largest, out[row * length + t]);
    }
    let total: f64 = 0;
    for (let t = 0; t < visible; t++) total += Math.exp(out[row * length + t] - largest);
    for (let t = 0; t < visible; t++) {
      out[row * length + t] = Math.exp(out[row * length + t] - largest) / total;
    }
  }
  return out;
}

/** Causal attention of one head: out[rows, D], with v [start + rows, D] and the rest as in `weights`. */
export function attention(
  q: StaticArray<f32>,
  k: StaticArray<f32>,
  v: StaticArray<f32>,
  rows: i32,
  start: i32,
  D: i32,
  scale: f64,
): StaticArray<f64> {
  const p = weights(q, k, rows, start, D, scale);
  const out = new StaticArray<f64>(rows * D);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t <= start + row; t++) {
      const weight = p[row * (start + rows) + t];
      for (let d = 0; d < D; d++) out[row * D + d] += weight * <f64>v[t * D + d];
    }
  }
  return out;
}

/** Keys or values [rows, D] as pages of a format hold them. */
export function stored(format: i32, x: StaticArray<f32>, D: i32): StaticArray<f32> {
  const out = new StaticArray<f32>(x.length);
  for (let i = 0; i < x.length; i++) {
    if (format == KV_F32) out[i] = x[i];
    else if (format == KV_F16) out[i] = <f32>(Math.sign(x[i]) * decodeF16(nearestHalf(Math.abs(x[i]))));
    else {
      const scale = quantizationScale(x, i - (i % D), D);
      const multiple = scale == 0 ? 0 : nearest<f64>(<f64>x[i] / scale);
      out[i] = <f32>(Math.max(-127, Math.min(127, multiple)) * scale);
    }
  }
  return out;
}

function quantizationScale(x: StaticArray<f32>, from: i32, D: i32): f64 {
  let largest: f32 = 0;
  for (let i = from; i < from + D; i++) largest = Mathf.max(largest, Mathf.abs(x[i]));
  return decodeF16(nearestHalf(<f64>(largest / 127)));
}
