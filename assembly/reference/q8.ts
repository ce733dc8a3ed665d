import { decodeF16 } from './pack';

/** Consecutive k that share a scale. */
const BLOCK: i32 = 32;

function blockCount(K: i32): i32 {
  return (K + BLOCK - 1) / BLOCK;
}

/** The half nearest to x >= 0, by binary search over all halves. */
export function nearestHalf(x: f64): i32 {
  let low = 0;
  let high = 0x7bff;
  while (low < high) {
    const middle = (low + high + 1) / 2;
    if (decodeF16(middle) <= x) low = middle;
    else high = middle - 1;
  }
  if (low == 0x7bff) return low;
  const below = x - decodeF16(low);
  const above = decodeF16(low + 1) - x;
  return above < below || (above == below && low % 2 == 1) ? low + 1 : low;
}

/** Rows of integers with a scale for every 32 of them; T is i32 for f16 bits, or f32. */
export class Quantized<T> {
  readonly values: StaticArray<i32>;
  readonly scales: StaticArray<T>;

  constructor(
    readonly rows: i32,
    readonly K: i32,
  ) {
    this.values = new StaticArray<i32>(rows * blockCount(K) * BLOCK);
    this.scales = new StaticArray<T>(rows * blockCount(K));
  }

  /** Blocks in a row. */
  get blocks(): i32 {
    return blockCount(this.K);
  }

  /** The integer at k of a row; 0 from K on. */
  value(row: i32, k: i32): i32 {
    return this.values[row * this.blocks * BLOCK + k];
  }

  scale(row: i32, block: i32): T {
    return this.scales[row * this.blocks + block];
  }

  set(row: i32, k: i32, value: i32): void {
    this.values[row * this.blocks * BLOCK + k] = value;
  }
}

function largest(x: StaticArray<f32>, from: i32, to: i32): f32 {
  let best: f32 = 0;
  for (let i = from; i < to; i++) best = Mathf.max(best, Mathf.abs(x[i]));
  return best;
}

/** The columns of a matrix given as its transpose [N, K], as ggml's Q8_0 does. */
export function quantizeWeights(w: StaticArray<f32>, N: i32, K: i32): Quantized<i32> {
  const out = new Quantized<i32>(N, K);
  for (let n = 0; n < N; n++) {
    for (let block = 0; block < out.blocks; block++) {
      const first = n * K + block * BLOCK;
      const count = min(BLOCK, K - block * BLOCK);
      const bits = nearestHalf(<f64>(largest(w, first, first + count) / 127));
      out.scales[n * out.blocks + block] = bits;
      if (bits == 0) continue;
      for (let i = 0; i < count; i++) {
        const multiple = nearest<f32>(w[first + i] / <f32>decodeF16(bits));
        out.set(n, block * BLOCK + i, <i32>Mathf.max(-127, Mathf.min(127, multiple)));
      }
    }
  }
  return out;
}

/** Quantizes rows of activations [rows, K] to integers of -levels..levels. */
export function quantizeActivations(x: StaticArray<f32>, rows: i32, K: i32, levels: f32): Quantized<f32> {
  const out = new Quantized<f32>(rows, K);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < out.blocks; block++) {
      const first = row * K + block * BLOCK;
      const count = min(BLOCK, K - block * BLOCK);
      const best = largest(x, first, first + count);
      out.scales[row * out.blocks + block] = best / levels;
      if (best == 0) continue;
      for (let i = 0; i < count; i++) {
        out.set(row, block * BLOCK + i, <i32>nearest<f32>(x[first + i] * (levels / best)));
      }
    }
  }
  return out;
}

/**
 * out[rows, N] = a . w: exact integer sums within a block, multiplied by the scales in f64. With
 * `magnitudes`, the blocks' magnitudes are added.
 */
export function quantizedMatmul(a: Quantized<f32>, w: Quantized<i32>, magnitudes: bool = false): StaticArray<f64> {
  const out = new StaticArray<f64>(a.rows * w.rows);
  for (let row = 0; row < a.rows; row++) {
    for (let n = 0; n < w.rows; n++) {
      let sum: f64 = 0;
      for (let block = 0; block < a.blocks; block++) {
        let whole = 0;
        for (let k = block * BLOCK; k < (block + 1) * BLOCK; k++) whole += a.value(row, k) * w.value(n, k);
        const term = <f64>whole * <f64>a.scale(row, block) * decodeF16(w.scale(n, block));
        sum += magnitudes ? Math.abs(term) : term;
      }
      out[row * w.rows + n] = sum;
    }
  }
  return out;
}
