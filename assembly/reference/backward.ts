import { weights } from './attention';

/*
 * Gradients by their formulas, in f64. dx is the gradient of a loss with respect to x; dout, that of the
 * output, is given.
 */

/** dx[rows, C] of layer norm, then dweight[C] and dbias[C], in one array. */
export function layernorm(
  dout: StaticArray<f32>,
  x: StaticArray<f32>,
  rows: i32,
  weight: StaticArray<f32>,
  epsilon: f64,
): StaticArray<f64> {
  const C = weight.length;
  const out = new StaticArray<f64>((rows + 2) * C);
  const normalized = new StaticArray<f64>(C);
  for (let row = 0; row < rows; row++) {
    let mean: f64 = 0;
    for (let c = 0; c < C; c++) mean += <f64>x[row * C + c] / <f64>C;
    let variance: f64 = 0;
    for (let c = 0; c < C; c++) variance += (<f64>x[row * C + c] - mean) ** 2 / <f64>C;
    const deviation = Math.sqrt(variance + epsilon);
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let c = 0; c < C; c++) {
      normalized[c] = (<f64>x[row * C + c] - mean) / deviation;
      const d = <f64>dout[row * C + c];
      sum += (d * <f64>weight[c]) / <f64>C;
      product += (d * <f64>weight[c] * normalized[c]) / <f64>C;
      out[rows * C + c] += d * normalized[c];
      out[(rows + 1) * C + c] += d;
    }
    for (let c = 0; c < C; c++) {
      const d = <f64>dout[row * C + c] * <f64>weight[c];
      out[row * C + c] = (d - sum - normalized[c] * product) / deviation;
    }
  }
  return out;
}

/**
 * dq [T, D], then dk and dv [S, D], of one head's attention. `factors` [T, S] are the factors of the weights by
 * dropout.
 */
export function attentionBackward(
  dout: StaticArray<f32>,
  q: StaticArray<f32>,
  k: StaticArray<f32>,
  v: StaticArray<f32>,
  T: i32,
  D: i32,
  scale: f64,
  factors: StaticArray<f64>,
  causal: bool = true,
): StaticArray<f64> {
  const S = k.length / D;
  const p = weights(q, k, T, 0, D, scale, causal);
  const out = new StaticArray<f64>((T + 2 * S) * D);
  const dp = new StaticArray<f64>(S);
  for (let i = 0; i < T; i++) {
    const visible = causal ? i + 1 : S;
    let mean: f64 = 0;
    for (let j = 0; j < visible; j++) {
      dp[j] = 0;
      for (let d = 0; d < D; d++) {
        dp[j] += <f64>dout[i * D + d] * <f64>v[j * D + d] * factors[i * S + j];
        out[(T + S + j) * D + d] += p[i * S + j] * factors[i * S + j] * <f64>dout[i * D + d];
      }
      mean += p[i * S + j] * dp[j];
    }
    for (let j = 0; j < visible; j++) {
      const ds = p[i * S + j] * (dp[j] - mean) * scale;
      for (let d = 0; d < D; d++) {
        out[i * D + d] += ds * <f64>k[j * D + d];
        out[(T + j) * D + d] += ds * <f64>q[i * D + d];
      }
    }
  }
  return out;
}

/** The loss -ln softmax(logits)[target]. */
export function crossEntropy(logits: StaticArray<f32>, target: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(<f64>logits[i] - <f64>logits[target]);
  return Math.log(total);
}

/** Gradient of `crossEntropy`: softmax(logits), minus 1 at the target. */
export function crossEntropyBackward(logits: StaticArray<f32>, target: i32): StaticArray<f64> {
  const out = new StaticArray<f64>(logits.length);
  for (let i = 0; i < logits.length; i++) {
    out[i] = Math.exp(-crossEntropy(logits, i)) - (i == target ? 1 : 0);
  }
  return out;
}

/** The two words of Threefry-2x32-20 for a key and a counter, the first in the low half. */
export function threefry(key0: u32, key1: u32, counter0: u32, counter1: u32): u64 {
  const keys: StaticArray<u32> = [key0, key1, 0x1bd11bda ^ key0 ^ key1];
  const bits: StaticArray<i32> = [13, 15, 26, 6, 17, 29, 16, 24];
  let x0 = counter0 + key0;
  let x1 = counter1 + key1;
  for (let round = 0; round < 20; round++) {
    x0 += x1;
    x1 = rotl<u32>(x1, bits[round % 8]) ^ x0;
    if (round % 4 == 3) {
      const group = round / 4 + 1;
      x0 += keys[group % 3];
      x1 += keys[(group + 1) % 3] + group;
    }
  }
  return (<u64>x1 << 32) | x0;
}

/** Attention with dropout: out[i] = sum over j of weights[i, j] factors[i, j] v[j]; factors [T, S]. */
export function attentionDropped(
  q: StaticArray<f32>,
  k: StaticArray<f32>,
  v: StaticArray<f32>,
  T: i32,
  D: i32,
  scale: f64,
  factors: StaticArray<f64>,
  causal: bool = true,
): StaticArray<f64> {
  const S = k.length / D;
  const p = weights(q, k, T, 0, D, scale, causal);
  const out = new StaticArray<f64>(T * D);
  for (let i = 0; i < T; i++) {
    const visible = causal ? i + 1 : S;
    for (let j = 0; j < visible; j++) {
      for (let d = 0; d < D; d++) out[i * D + d] += p[i * S + j] * factors[i * S + j] * <f64>v[j * D + d];
    }
  }
  return out;
}
