/** The factor L [n, n], A = L L', of a positive definite matrix; the upper triangle is not used. Changes `a`. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  return a;
}

/** Solves L x = b in place; the numbers of b before `first` are 0. */
export function solveLower(factor: Float64Array, n: number, b: Float64Array, first = 0): Float64Array {
  for (let i = first; i < n; i++) {
    let sum = b[i]!;
    for (let k = first; k < i; k++) sum -= factor[i * n + k]! * b[k]!;
    b[i] = sum / factor[i * n + i]!;
  }
  return b;
}

/** Solves L L' x = b in place. */
export function solve(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  solveLower(factor, n, b);
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / factor[i * n + i]!;
    b[i] = x;
    for (let k = 0; k < i; k++) b[k]! -= factor[i * n + k]! * x;
  }
  return b;
}

/** The sum of the squares of numbers. */
export function squares(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]! * numbers[i]!;
  return sum;
}

/** The product of two vectors. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
