/** The mean of one or more values. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The standard deviation of a sample (divided by n - 1), `undefined` of fewer than two values; of equal ones 0. */
export function sampleDeviation(values: ArrayLike<number>): number | undefined {
  if (values.length < 2) return undefined;
  if (!varies(values)) return 0;
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) * (values[i]! - mean);
  return Math.sqrt(squares / (values.length - 1));
}

/** Whether values differ; the rounded mean of equal ones may be another number than they are. */
function varies(values: ArrayLike<number>): boolean {
  return !Array.prototype.every.call(values, (value) => value === values[0]);
}

/** The standard error of the mean, `undefined` of fewer than two values. */
export function standardErrorOf(values: ArrayLike<number>): number | undefined {
  const deviation = sampleDeviation(values);
  return deviation === undefined ? undefined : deviation / Math.sqrt(values.length);
}

/** Pearson's correlation of two lists of the same length, `undefined` if one of them does not vary. */
export function correlationOf(a: ArrayLike<number>, b: ArrayLike<number>): number | undefined {
  if (!varies(a) || !varies(b)) return undefined;
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    const fromA = a[i]! - meanA;
    const fromB = b[i]! - meanB;
    product += fromA * fromB;
    squaresA += fromA * fromA;
    squaresB += fromB * fromB;
  }
  const scale = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return scale > 0 ? product / scale : undefined;
}
