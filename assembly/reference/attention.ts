/**
 * Weights of one head's causal attention, softmax in two passes over all visible keys: [rows, start + rows]
 * from q [rows, D] and k [start + rows, D], where row i sees the positions up to start + i.
 */
export function weights(
  q: StaticArray<f32>,
  k: StaticArray<f32>,
  rows: i32,
  start: i32,
  D: i32,
  scale: f64,
): StaticArray<f64> {
  const length = start + rows;
  const out = new StaticArray<f64>(rows * length);
  for (let row = 0; row < rows; row++) {
    const visible = start + row + 1;
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
