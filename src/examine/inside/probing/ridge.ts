import { cholesky, dot, solve, solveLower, squares } from './cholesky.js';
import { leftOutError } from './left_out.js';

/** Numbers [rows, width], row after row. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** What is learned from. */
export interface RidgeData {
  /** [rows, C] */
  readonly features: Table;
  /** [rows, M] */
  readonly targets: Table;
  /** Rows that are left out together: each is in one group. */
  readonly groups: readonly (readonly number[])[];
}

/** A linear function of features [C] to outputs [M]. */
export interface Ridge {
  /** The penalty that was chosen, relative to the mean square of the features' distance from their mean. */
  readonly penalty: number;
  /** [M, C] */
  readonly weights: Float64Array;
  /** [M] */
  readonly intercepts: Float64Array;
}

/** What one penalty gives: weights [M, C] and the sum of the squares of the errors on groups that are left out. */
interface Fit {
  readonly weights: Float64Array;
  readonly error: number;
}

/**
 * Ridge regression (Hoerl and Kennard 1970) with an intercept that is not penalized. Of the penalties it takes the one
 * with the least squared error when each group of rows is left out (Allen 1974, PRESS; the first of equals). The linear
 * system has as many unknowns as there are rows or features, whichever are fewer. `between` is called before each
 * penalty. There are at least two groups.
 */
export async function fitRidge(
  { features, targets, groups }: RidgeData,
  penalties: readonly number[],
  between: () => Promise<void>,
): Promise<Ridge> {
  const x = centred(features);
  const y = centred(targets);
  const scale = squares(x.table.data) / features.rows || 1;
  const byRows = features.rows < features.width;
  // Of rows: products of rows, and with `scale` more the direction of the mean, which they lack, is no longer 0.
  const products = byRows ? productsOfRows(x.table, scale) : productsOfRows(transposed(x.table), 0);
  let best: (Fit & { readonly penalty: number }) | undefined;
  for (const penalty of penalties) {
    await between();
    const ridge = penalty * scale;
    const size = byRows ? features.rows : features.width;
    const factor = cholesky(withDiagonal(products, size, ridge), size);
    const system = { x: x.table, y: y.table, groups, factor };
    const fit = byRows ? fitByRows(system, ridge, scale) : fitByFeatures(system);
    if (best === undefined || fit.error < best.error) best = { ...fit, penalty };
  }
  const { weights, penalty } = best!;
  const intercepts = y.means.map((mean, output) => {
    const own = weights.subarray(output * features.width, (output + 1) * features.width);
    return mean - dot(own, x.means);
  });
  return { penalty, weights, intercepts };
}

/** The outputs of a linear function for features [C]. */
export function outputsOf(
  { weights, intercepts }: { readonly weights: ArrayLike<number>; readonly intercepts: ArrayLike<number> },
  features: ArrayLike<number>,
): number[] {
  return Array.from(intercepts, (intercept, output) => {
    let sum = intercept;
    const from = output * features.length;
    for (let i = 0; i < features.length; i++) sum += weights[from + i]! * features[i]!;
    return sum;
  });
}

interface System {
  /** Features and targets, both centred. */
  readonly x: Table;
  readonly y: Table;
  readonly groups: readonly (readonly number[])[];
  readonly factor: Float64Array;
}

/** With G = X X' + ridge, the dual weights are G^-1 Y; the errors are ridge times these, and 1 - hat is ridge G^-1. */
function fitByRows({ x, y, groups, factor }: System, ridge: number, scale: number): Fit {
  const n = x.rows;
  const weights = new Float64Array(y.width * x.width);
  const duals = Array.from({ length: y.width }, (_, output) => {
    const dual = solve(factor, n, column(y, output));
    const own = weights.subarray(output * x.width, (output + 1) * x.width);
    for (let row = 0; row < n; row++) addScaled(own, dual[row]!, rowOf(x, row));
    return dual;
  });
  // The mean belongs to the intercept: its part of the inverse is not the penalty's.
  const meanPart = 1 / ((n * scale + ridge) * n);
  const rowOfFactor = (row: number) => {
    const unit = new Float64Array(n);
    unit[row] = 1;
    return solveLower(factor, n, unit, row);
  };
  const error = leftOutError(groups, duals, rowOfFactor, (_, product) => product - meanPart);
  return { weights, error };
}

function fitByFeatures({ x, y, groups, factor }: System): Fit {
  const weights = new Float64Array(y.width * x.width);
  const errors = Array.from({ length: y.width }, (_, output) => {
    const own = weights.subarray(output * x.width, (output + 1) * x.width);
    const targets = column(y, output);
    for (let row = 0; row < x.rows; row++) addScaled(own, targets[row]!, rowOf(x, row));
    solve(factor, x.width, own);
    return targets.map((target, row) => target - dot(own, rowOf(x, row)));
  });
  const rowOfFactor = (row: number) => solveLower(factor, x.width, rowOf(x, row).slice());
  const error = leftOutError(groups, errors, rowOfFactor, (isSame, product) => {
    return (isSame ? 1 : 0) - 1 / x.rows - product;
  });
  return { weights, error };
}

/** A table less the means of its columns. */
function centred({ rows, width, data }: Table): { readonly table: Table; readonly means: Float64Array } {
  const means = new Float64Array(width);
  for (let i = 0; i < data.length; i++) means[i % width]! += data[i]! / rows;
  return { table: { rows, width, data: data.map((value, i) => value - means[i % width]!) }, means };
}

/** [n, n] of a table with n rows: the lower triangle of X X' + added. */
function productsOfRows(x: Table, added: number): Float64Array {
  const products = new Float64Array(x.rows * x.rows);
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j <= i; j++) products[i * x.rows + j] = dot(rowOf(x, i), rowOf(x, j)) + added;
  }
  return products;
}

function withDiagonal(matrix: Float64Array, n: number, added: number): Float64Array {
  const sum = matrix.slice();
  for (let i = 0; i < n; i++) sum[i * n + i]! += added;
  return sum;
}

function transposed({ rows, width, data }: Table): Table {
  const turned = data.map((_, i) => data[(i % rows) * width + Math.floor(i / rows)]!);
  return { rows: width, width: rows, data: turned };
}

function rowOf({ width, data }: Table, row: number): Float64Array {
  return data.subarray(row * width, (row + 1) * width);
}

function column({ rows, width, data }: Table, index: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * width + index]!);
}

/** out += factor x values */
function addScaled(out: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i]! += factor * values[i]!;
}
