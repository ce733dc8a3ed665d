import { type BootstrapOptions, bootstrap, type Spread } from './bootstrap.js';
import { type Interval, wilson } from './interval.js';
import { meanOf } from './moments.js';

/** A share with its confidence interval. */
export interface ShareEstimate {
  /** `count` over `total`, 0 to 1. */
  readonly share: number;
  /** How many of them have what is counted. */
  readonly count: number;
  /** How many there are: 1 or more. */
  readonly total: number;
  /** Wilson's interval of 95 %. */
  readonly interval: Interval;
}

/** A number with its confidence interval. */
export interface MeanEstimate {
  /** Their sum over `count`. */
  readonly mean: number;
  /** How many values it is the mean of: 1 or more. */
  readonly count: number;
  /** The bootstrap's interval of 95 %; `undefined` of a single value, and of equal ones, which tell no interval. */
  readonly interval: Interval | undefined;
}

/** The interval of a spread; `undefined` if no sample differs from another. */
export function intervalOf(spread: Spread | undefined): Interval | undefined {
  return spread === undefined || spread.standardError === 0 ? undefined : spread.interval;
}

/** The share of `count` in `total`, which is 1 or more. */
export function shareEstimate(count: number, total: number): ShareEstimate {
  return { share: count / total, count, total, interval: wilson(count, total) };
}

/** The mean of one or more values. */
export function meanEstimate(values: ArrayLike<number>, options?: BootstrapOptions): MeanEstimate {
  const count = values.length;
  const meanAt = (indices: Int32Array) => {
    let sum = 0;
    for (let i = 0; i < indices.length; i++) sum += values[indices[i]!]!;
    return sum / count;
  };
  const interval = intervalOf(bootstrap(count, meanAt, options));
  return { mean: meanOf(values), count, interval };
}
