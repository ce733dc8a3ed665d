import type { Metric } from './metrics.js';
import { median, medianSlope, type Point } from './slope.js';

/** With fewer points nothing is said. */
export const LEAST_POINTS = 12;

export interface Verdict {
  readonly isFlat: boolean;
  /** Medians of the second and the last quarter of the points. */
  readonly second: number;
  readonly last: number;
  /** Units an hour after the first quarter. */
  readonly perHour: number;
  /** Growth from the second to the last quarter that is no leak. */
  readonly allowed: number;
}

/**
 * Whether a number stays flat once the first quarter of the time, in which caches fill and code is compiled, is over; undefined if there
 * are too few points. It grows if two measures agree: the median slope after that quarter leads to more than is allowed,
 * and the last quarter is higher than the second by as much.
 */
export function judge(points: readonly Point[], { share, least }: Metric): Verdict | undefined {
  if (points.length < LEAST_POINTS) return undefined;
  const quarter = Math.floor(points.length / 4);
  const warm = points.slice(quarter);
  const [early, late] = [points.slice(quarter, 2 * quarter), points.slice(-quarter)];
  const height = (some: readonly Point[]) => median(some.map(({ value }) => value));
  const timeOf = (some: readonly Point[]) => median(some.map(({ hours }) => hours));
  const [second, last] = [height(early), height(late)];
  const perHour = medianSlope(warm);
  const allowed = Math.max(least, share * second);
  const slopeGrowth = perHour * (timeOf(late) - timeOf(early));
  const isFlat = slopeGrowth <= allowed || last - second <= allowed;
  return { isFlat, second, last, perHour, allowed };
}
