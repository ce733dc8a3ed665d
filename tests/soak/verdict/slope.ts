/** A number that was measured at a time. */
export interface Point {
  readonly hours: number;
  readonly value: number;
}

/** The middle one of some numbers, or between the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/**
 * The slope in units an hour that half of all pairs of points exceed (Theil 1950, Sen 1968): single outliers, up to 29 %
 * of all points, do not change it much.
 */
export function medianSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) {
      if (b.hours > a.hours) slopes.push((b.value - a.value) / (b.hours - a.hours));
    }
  }
  return slopes.length > 0 ? median(slopes) : 0;
}
