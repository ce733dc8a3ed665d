import { cholesky, dot, solve, squares } from './cholesky.js';

/**
 * The sum of the squares of the errors of groups of rows, each left out of the fit. With 1 - hat the matrix that makes
 * errors of targets, those of a group that is left out are its errors with it, solved for its block of that matrix.
 * `errors` (of each output) and the block may both lack the same factor. An entry of the block is made by `entry` of
 * the product of two rows of `rowOfFactor`.
 */
export function leftOutError(
  groups: readonly (readonly number[])[],
  errors: readonly Float64Array[],
  rowOfFactor: (row: number) => Float64Array,
  entry: (isSame: boolean, product: number) => number,
): number {
  let sum = 0;
  for (const group of groups) {
    const size = group.length;
    const rows = group.map(rowOfFactor);
    const block = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) block[i * size + j] = entry(i === j, dot(rows[i]!, rows[j]!));
    }
    cholesky(block, size);
    for (const own of errors) {
      sum += squares(
        solve(
          block,
          size,
          Float64Array.from(group, (row) => own[row]!),
        ),
      );
    }
  }
  return sum;
}
