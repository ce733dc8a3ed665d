import { RandomStream } from '../../base/random.js';
import type { Interval } from './interval.js';
import { sampleDeviation } from './moments.js';

/** How often a sample is drawn again. */
export interface BootstrapOptions {
  /** Seed of the draws, an integer from 0 to 2^53 - 1: 0 by default. */
  readonly seed?: number | undefined;
  /** How many samples are drawn: 1000 by default. */
  readonly resamples?: number | undefined;
}

/** How much a statistic varies between samples. */
export interface Spread {
  /** The standard deviation of the statistic over the samples. */
  readonly standardError: number;
  /** From the quantile of 2.5 % to that of 97.5 %. */
  readonly interval: Interval;
}

/**
 * The bootstrap (Efron 1979) with the percentile interval: draws `count` of the indices from 0 to `count` - 1, with
 * repetition, and asks for the `statistic` of them. Samples without a finite statistic are left out; the result
 * is `undefined` if fewer than two have one. The same seed gives the same bits everywhere.
 */
export function bootstrap(
  count: number,
  statistic: (indices: Int32Array) => number | undefined,
  { seed = 0, resamples = 1000 }: BootstrapOptions = {},
): Spread | undefined {
  const indices = new Int32Array(count);
  const found: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const random = new RandomStream(seed, i);
    for (let j = 0; j < count; j++) indices[j] = Math.floor(random.next() * count);
    const value = statistic(indices);
    if (value !== undefined && Number.isFinite(value)) found.push(value);
  }
  const standardError = sampleDeviation(found);
  if (standardError === undefined) return undefined;
  found.sort((a, b) => a - b);
  return { standardError, interval: [quantile(found, 0.025), quantile(found, 0.975)] };
}

/** The quantile of sorted values, linear between two of them. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - low);
}
