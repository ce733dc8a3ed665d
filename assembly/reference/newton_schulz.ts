/** The Newton-Schulz iteration of Muon on x[n, m], n at least m, in double precision. */
export function orthogonalize(x: StaticArray<f32>, n: i32, m: i32): StaticArray<f64> {
  let squares: f64 = 0;
  for (let i = 0; i < n * m; i++) squares += <f64>x[i] * <f64>x[i];
  const norm = max(sqrt(squares), 1e-7);
  const out = new StaticArray<f64>(n * m);
  for (let i = 0; i < n * m; i++) out[i] = <f64>x[i] / norm;
  for (let turn = 0; turn < 5; turn++) {
    const gram = product(transposed(out, n, m), out, m, n, m);
    const polynomial = product(gram, gram, m, m, m);
    for (let i = 0; i < m * m; i++) {
      polynomial[i] = 2.0315 * polynomial[i] - 4.775 * gram[i] + (i / m == i % m ? 3.4445 : 0);
    }
    const next = product(out, polynomial, n, m, m);
    for (let i = 0; i < n * m; i++) out[i] = next[i];
  }
  return out;
}

/** a[rows, depth] . b[depth, columns] */
function product(
  a: StaticArray<f64>,
  b: StaticArray<f64>,
  rows: i32,
  depth: i32,
  columns: i32,
): StaticArray<f64> {
  const out = new StaticArray<f64>(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum: f64 = 0;
      for (let i = 0; i < depth; i++) sum += a[row * depth + i] * b[i * columns + column];
      out[row * columns + column] = sum;
    }
  }
  return out;
}

function transposed(x: StaticArray<f64>, rows: i32, columns: i32): StaticArray<f64> {
  const out = new StaticArray<f64>(rows * columns);
  for (let i = 0; i < rows * columns; i++) out[(i % columns) * rows + i / columns] = x[i];
  return out;
}
