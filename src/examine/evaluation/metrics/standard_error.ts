import { bootstrap } from '../../statistics/bootstrap.js';
import { standardErrorOf } from '../../statistics/moments.js';
import { aggregate, type MetricValue } from './metrics.js';

/** How standard errors are estimated. */
export interface StandardErrorOptions {
  readonly seed: number;
  /** Samples of the bootstrap; with 0 only means have a standard error. */
  readonly iterations: number;
}

/**
 * The standard error of an aggregated metric: of a mean by its formula, s over the root of n, as the harness has it;
 * of all others by the bootstrap. `undefined` if there is none, as of one document.
 */
export function standardError(
  aggregation: string,
  values: readonly MetricValue[],
  { seed, iterations }: StandardErrorOptions,
): number | undefined {
  if (aggregation === 'mean') return standardErrorOf(values.map(([first]) => first!));
  if (iterations === 0 || values.length < 2) return undefined;
  const statistic = (indices: Int32Array) =>
    aggregate(
      aggregation,
      Array.from(indices, (index) => values[index]!),
    );
  return bootstrap(values.length, statistic, { seed, resamples: iterations })?.standardError;
}

/** The standard error of several tasks together: the harness's pooled one. */
export function pooledStandardError(errors: readonly number[], sizes: readonly number[]): number | undefined {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= sizes.length) return undefined;
  const squares = errors.reduce((sum, error, i) => sum + (sizes[i]! - 1) * error * error * sizes[i]!, 0);
  return Math.sqrt(squares / (total - sizes.length)) / Math.sqrt(total);
}
