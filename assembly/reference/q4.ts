import { decodeF16 } from './pack';
import { Quantized, nearestHalf } from './q8';

/** The half nearest to x of either sign. */
export function nearestSignedHalf(x: f64): i32 {
  return nearestHalf(Math.abs(x)) | (x < 0 ? 0x8000 : 0);
}

/** The integer of -8..7 whose multiple of the scale is nearest to a weight. */
export function nearestStep(weight: f64, scale: f64): f64 {
  return scale ? Math.max(-8, Math.min(7, nearest<f64>(weight / scale))) : 0;
}

/** Squared error of n weights that are rounded to steps of a scale. */
export function squaredError(w: StaticArray<f32>, first: i32, n: i32, scale: f64): f64 {
  let sum: f64 = 0;
  for (let i = first; i < first + n; i++) {
    const error = <f64>w[i] - nearestStep(w[i], scale) * scale;
    sum += error * error;
  }
  return sum;
}

/**
 * Squared error that the search of formats/q4/pack.ts leaves. The weight of largest magnitude is put at -8, 7
 * and -8.5 steps; the rounding whose least-squares scale has the smallest error is used, and weights become
 * the nearest steps of that scale as a half. If roundings tie up to rounding errors, the largest error
 * counts.
 */
export function searchedError(w: StaticArray<f32>, first: i32, n: i32): f64 {
  let largest: f64 = 0;
  for (let i = first; i < first + n; i++) if (Math.abs(w[i]) > Math.abs(largest)) largest = w[i];
  if (largest == 0) return 0;
  const candidates: f64[] = [-8, 7, -8.5];
  const gains: f64[] = [];
  const scales: f64[] = [];
  let best: f64 = 0;
  for (let c = 0; c < 3; c++) {
    let products: f64 = 0;
    let squares: f64 = 0;
    for (let i = first; i < first + n; i++) {
      const step = nearestStep(w[i], largest / candidates[c]);
      products += step * w[i];
      squares += step * step;
    }
    gains.push((products * products) / squares);
    scales.push(products / squares);
    best = Math.max(best, gains[c]);
  }
  let error: f64 = 0;
  for (let c = 0; c < 3; c++) {
    const scale = decodeF16(nearestSignedHalf(scales[c]));
    if (gains[c] >= best * 0.99999) error = Math.max(error, squaredError(w, first, n, scale));
  }
  return error;
}

/** Squared error of ggml's Q4_0: the weight of largest magnitude at -8 steps. */
export function plainError(w: StaticArray<f32>, first: i32, n: i32): f64 {
  let largest: f64 = 0;
  for (let i = first; i < first + n; i++) if (Math.abs(w[i]) > Math.abs(largest)) largest = w[i];
  return squaredError(w, first, n, decodeF16(nearestSignedHalf(largest / -8)));
}

/** The weights [K, N] that q4 panels hold, by the definition of the layout. */
export function unpackedQ4(panels: usize, K: i32, N: i32): Quantized<i32> {
  const out = new Quantized<i32>(N, K);
  for (let n = 0; n < N; n++) {
    for (let b = 0; b < out.blocks; b++) {
      const block = panels + ((n / 16) * out.blocks + b) * 288;
      out.scales[n * out.blocks + b] = <i32>load<u16>(block + 2 * (n % 16));
      for (let i = 0; i < 32; i++) {
        const pair = <i32>load<u8>(block + 32 + ((i % 16) / 4) * 64 + (n % 16) * 4 + (i % 4));
        out.set(n, b * 32 + i, (i < 16 ? pair % 16 : pair / 16) - 8);
      }
    }
  }
  return out;
}
