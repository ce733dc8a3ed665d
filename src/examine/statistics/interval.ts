/** The ends of a confidence interval of 95 %. */
export type Interval = readonly [low: number, high: number];

/** The normal distribution's quantile of 97.5 %. */
const Z = 1.959963984540054;

/** Wilson's score interval (1927) of a share: `count` of `total`, which is 1 or more. */
export function wilson(count: number, total: number): Interval {
  const square = Z * Z;
  const share = count / total;
  const middle = share + square / (2 * total);
  const half = Z * Math.sqrt((share * (1 - share)) / total + square / (4 * total * total));
  const scale = 1 + square / total;
  const low = count === 0 ? 0 : (middle - half) / scale;
  const high = count === total ? 1 : (middle + half) / scale;
  return [low, high];
}
