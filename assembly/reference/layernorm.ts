/** out[rows, C] = (x - mean) / sqrt(variance + epsilon) * weight + bias, each row by itself. */
export function layernorm(
  x: StaticArray<f32>,
  rows: i32,
  weight: StaticArray<f32>,
  bias: StaticArray<f32>,
  epsilon: f64,
): StaticArray<f64> {
  const C = weight.length;
  const out = new StaticArray<f64>(rows * C);
  for (let row = 0; row < rows; row++) {
    let mean: f64 = 0;
    for (let c = 0; c < C; c++) mean += <f64>x[row * C + c];
    mean /= <f64>C;
    let variance: f64 = 0;
    for (let c = 0; c < C; c++) variance += (<f64>x[row * C + c] - mean) * (<f64>x[row * C + c] - mean);
    variance /= <f64>C;
    for (let c = 0; c < C; c++) {
      const normalized = (<f64>x[row * C + c] - mean) / Math.sqrt(variance + epsilon);
      out[row * C + c] = normalized * <f64>weight[c] + <f64>bias[c];
    }
  }
  return out;
}
