/** out[rows, C] = wte[tokens[row]] + wpe[start + row], wte [V, C], wpe [T, C]. */
export function embedding(
  tokens: StaticArray<i32>,
  start: i32,
  wte: StaticArray<f32>,
  wpe: StaticArray<f32>,
  C: i32,
): StaticArray<f64> {
  const rows = tokens.length;
  const out = new StaticArray<f64>(rows * C);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < C; c++) {
      out[row * C + c] = <f64>wte[tokens[row] * C + c] + <f64>wpe[(start + row) * C + c];
    }
  }
  return out;
}
