/** out[rows, N] = x[rows, K] . w[K, N]. */
export function matmul(
  x: StaticArray<f32>,
  w: StaticArray<f32>,
  rows: i32,
  K: i32,
  N: i32,
): StaticArray<f64> {
  const out = new StaticArray<f64>(rows * N);
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < N; n++) {
      let sum: f64 = 0;
      for (let k = 0; k < K; k++) sum += <f64>x[row * K + k] * <f64>w[k * N + n];
      out[row * N + n] = sum;
    }
  }
  return out;
}
