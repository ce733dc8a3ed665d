/**
 * Causal attention of one head, softmax in two passes over all visible keys: out[rows, D] from q [rows, D],
 * k and v [start + rows, D], where row i sees the positions up to start + i.
 */
export function attention(
  q: StaticArray<f32>,
  k: StaticArray<f32>,
  v: StaticArray<f32>,
  rows: i32,
  start: i32,
  D: i32,
  scale: f64,
): StaticArray<f64> {
  const out = new StaticArray<f64>(rows * D);
  const scores = new StaticArray<f64>(start + rows);
  for (let row = 0; row < rows; row++) {
    const visible = start + row + 1;
    let largest = -Infinity;
    for (let t = 0; t < visible; t++) {
      let dot: f64 = 0;
      for (let d = 0; d < D; d++) dot += <f64>q[row * D + d] * <f64>k[t * D + d];
      scores[t] = dot * scale;
      largest = Math.max(largest, scores[t]);
    }
    let total: f64 = 0;
    for (let t = 0; t < visible; t++) total += Math.exp(scores[t] - largest);
    for (let t = 0; t < visible; t++) {
      const weight = Math.exp(scores[t] - largest) / total;
      for (let d = 0; d < D; d++) out[row * D + d] += weight * <f64>v[t * D + d];
    }
  }
  return out;
}
