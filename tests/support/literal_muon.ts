/** A matrix in rows. */
type Rows = readonly Float64Array[];

const rowsOf = (values: ArrayLike<number>, rows: number, columns: number): Float64Array[] =>
  Array.from({ length: rows }, (_, row) =>
    Float64Array.from({ length: columns }, (_, column) => values[row * columns + column]!),
  );

const transposed = (x: Rows): Float64Array[] =>
  Array.from(x[0]!, (_, column) => Float64Array.from(x, (row) => row[column]!));

const product = (a: Rows, b: Rows): Float64Array[] =>
  a.map((row) =>
    Float64Array.from(b[0]!, (_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)),
  );

const normOf = (x: Rows) =>
  Math.sqrt(x.reduce((sum, row) => row.reduce((s, value) => s + value * value, sum), 0));

/** The Newton-Schulz iteration of Jordan et al. 2024 in double precision. */
function orthogonalized(x: Rows): Rows {
  if (x.length > x[0]!.length) return transposed(orthogonalized(transposed(x)));
  const norm = Math.max(normOf(x), 1e-7);
  let next: Rows = x.map((row) => row.map((value) => value / norm));
  for (let turn = 0; turn < 5; turn++) {
    const gram = product(next, transposed(next));
    const squared = product(gram, gram);
    const change = product(
      gram.map((row, i) => row.map((value, j) => -4.775 * value + 2.0315 * squared[i]![j]!)),
      next,
    );
    next = next.map((row, i) => row.map((value, j) => 3.4445 * value + change[i]![j]!));
  }
  return next;
}

/** A weight [K, N] of some matrices side by side, and its momentum, in double precision. */
export class LiteralMuon {
  readonly weight: Float64Array;
  readonly moment: Float64Array;
  readonly #rows: number;
  readonly #count: number;

  constructor(weight: Float32Array, rows: number, count: number) {
    this.weight = Float64Array.from(weight);
    this.moment = new Float64Array(weight.length);
    this.#rows = rows;
    this.#count = count;
  }

  /** A step of Muon by its definition, with the decay and the scale of Liu et al. 2025. */
  step(gradient: Float32Array, learningRate: number, weightDecay: number): void {
    const { weight, moment } = this;
    const mean = Float64Array.from(gradient, (value, i) => {
      moment[i] = 0.95 * moment[i]! + 0.05 * value;
      return 0.95 * moment[i]! + 0.05 * value;
    });
    const columns = weight.length / this.#rows;
    const width = columns / this.#count;
    const all = rowsOf(mean, this.#rows, columns);
    for (let first = 0; first < columns; first += width) {
      const update = orthogonalized(all.map((row) => row.slice(first, first + width)));
      const size = 0.2 * Math.sqrt(Math.max(this.#rows, width));
      for (const [k, row] of update.entries()) {
        for (const [c, value] of row.entries()) {
          const i = k * columns + first + c;
          weight[i] = weight[i]! * (1 - learningRate * weightDecay) - learningRate * size * value;
        }
      }
    }
  }
}

/** The singular values of a matrix, the largest first: one-sided Jacobi rotations (Hestenes 1958). */
export function singularValues(values: ArrayLike<number>, rows: number, columns: number): number[] {
  const x = rowsOf(values, rows, columns);
  const vectors = rows > columns ? transposed(x) : x;
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  for (let turn = 0; turn < 30; turn++) {
    for (const [i, a] of vectors.entries()) {
      for (const b of vectors.slice(i + 1)) {
        const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
        if (ab === 0) continue;
        const angle = 0.5 * Math.atan2(2 * ab, aa - bb);
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < a.length; k++) {
          [a[k], b[k]] = [cos * a[k]! + sin * b[k]!, cos * b[k]! - sin * a[k]!];
        }
      }
    }
  }
  return vectors.map((vector) => Math.sqrt(dot(vector, vector))).sort((a, b) => b - a);
}
