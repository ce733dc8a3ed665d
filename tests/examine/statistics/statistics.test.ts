import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootstrap, quantile } from '../../../src/examine/statistics/bootstrap.js';
import { meanEstimate, shareEstimate } from '../../../src/examine/statistics/estimates.js';
import {
  correlationOf,
  meanOf,
  sampleDeviation,
  standardErrorOf,
} from '../../../src/examine/statistics/moments.js';
import { near } from '../../support/near.js';

test("Wilson's intervals are scipy's", () => {
  // scipy.stats.binomtest(count, total).proportion_ci(method='wilson')
  const expected: [number, number, number, number][] = [
    [0, 10, 0, 0.27753279986288926],
    [3, 10, 0.10779126740630102, 0.6032218525388546],
    [10, 10, 0.7224672001371109, 1],
    [754, 1508, 0.4747962612078847, 0.5252037387921153],
    [1, 1, 0.20654931437723745, 1],
  ];
  for (const [count, total, low, high] of expected) {
    const { share, interval } = shareEstimate(count, total);
    assert.is(share, count / total);
    near(interval[0], low, 1e-12);
    near(interval[1], high, 1e-12);
  }
});

test("deviations and correlations are numpy's", () => {
  const a = [1, 2, 4, 8.5, -3];
  const b = [2, 1, 5, 7, 0];
  near(sampleDeviation(a)!, 4.2130748865881795, 1e-12);
  near(standardErrorOf(a)!, 4.2130748865881795 / Math.sqrt(5), 1e-12);
  near(correlationOf(a, b)!, 0.9362443261653012, 1e-12);
  assert.is(correlationOf(a, [1, 1, 1, 1, 1]), undefined);
  assert.is(sampleDeviation([3]), undefined);
});

test('quantiles are linear between two values', () => {
  assert.is(quantile([1, 2, 4], 0.5), 2);
  assert.is(quantile([1, 2, 4], 0.75), 3);
  assert.is(quantile([7], 0.3), 7);
});

test('the standard error of the bootstrapped mean is near that of the formula', () => {
  const values = Float64Array.from({ length: 400 }, (_, i) => (i * 7919) % 400);
  const meanAt = (indices: Int32Array) => meanOf(Float64Array.from(indices, (i) => values[i]!));
  const { standardError, interval } = bootstrap(values.length, meanAt, { resamples: 2000 })!;
  const expected = standardErrorOf(values)!;
  near(standardError, expected, expected * 0.08);
  const mean = meanOf(values);
  near(interval[0], mean - 1.96 * expected, expected * 0.4);
  near(interval[1], mean + 1.96 * expected, expected * 0.4);
});

test('a seed gives the same interval again, another seed another one', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  const { interval } = meanEstimate(values, { seed: 7 });
  assert.equal(meanEstimate(values, { seed: 7 }).interval, interval);
  assert.not.equal(meanEstimate(values, { seed: 8 }).interval, interval);
});

test('a single value and equal ones have no interval, and samples without a statistic are left out', () => {
  assert.equal(meanEstimate([2]), { mean: 2, count: 1, interval: undefined });
  assert.equal(meanEstimate([2, 2]), { mean: 2, count: 2, interval: undefined });
  // The sum of 1000 times 0.2836 over 1000 is not 0.2836.
  for (const value of [0.1, 0.2836, -7.123456789, 1 / 3]) {
    assert.is(meanEstimate([value]).interval, undefined, `${value}`);
    assert.is(meanEstimate([value, value, value]).interval, undefined, `${value}`);
    assert.is(standardErrorOf(new Float64Array(1000).fill(value)), 0);
    assert.is(correlationOf([1, 2, 4], [value, value, value]), undefined);
  }
  assert.is(
    bootstrap(3, () => undefined),
    undefined,
  );
  assert.is(
    bootstrap(3, () => Number.NaN),
    undefined,
  );
});

test.run();
