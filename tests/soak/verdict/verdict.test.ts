import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomSource } from '../../support/random.js';
import { METRICS } from './metrics.js';
import { medianSlope, type Point } from './slope.js';
import { judge, LEAST_POINTS } from './verdict.js';

const MEBIBYTE = 2 ** 20;

/** Two hours of readings, from a function of the hours. */
const series = (value: (hours: number, number: number) => number, count = 120): Point[] =>
  Array.from({ length: count }, (_, i) => ({ hours: (2 * i) / count, value: value((2 * i) / count, i) }));

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);

/** About normal, with deviation 1. */
const noiseOf = (seed: number) => {
  const { uniform } = randomSource(seed);
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
};

test('the median slope is that of a line, whatever single points are', () => {
  const line = series((hours) => 3 * hours + 7);
  assert.ok(Math.abs(medianSlope(line) - 3) < 1e-9);
  const withOutliers = line.map(({ hours, value }, i) => ({ hours, value: i % 5 === 0 ? 1e6 : value }));
  assert.ok(Math.abs(medianSlope(withOutliers) - 3) < 1);
});

test('a leak is found under noise that is as large as its growth', () => {
  for (const seed of SEEDS) {
    const noise = noiseOf(seed);
    const leaking = series((hours) => (40 + 4 * hours + 2 * noise()) * MEBIBYTE);
    const { isFlat, perHour } = judge(leaking, METRICS.heap)!;
    assert.not(isFlat, `seed ${seed}`);
    assert.ok(Math.abs(perHour / MEBIBYTE - 4) < 2, `${perHour / MEBIBYTE} MiB an hour`);
  }
});

test('handles that stay open are found, ten of them in two hours', () => {
  const leaking = series((hours, i) => 20 + Math.floor(5 * hours) + (i % 3));
  assert.not(judge(leaking, METRICS.handles)!.isFlat);
  assert.ok(
    judge(
      series((_, i) => 20 + (i % 3)),
      METRICS.handles,
    )!.isFlat,
  );
});

test('noise, a warm-up, peaks and a sawtooth are no leaks', () => {
  for (const seed of SEEDS) {
    const noise = noiseOf(seed);
    const { uniform } = randomSource(seed + 1000);
    const flat: Record<string, Point[]> = {
      noise: series(() => (40 + 2 * noise()) * MEBIBYTE),
      'a warm-up': series((hours) => (40 - 30 * Math.exp(-8 * hours) + 0.5 * noise()) * MEBIBYTE),
      peaks: series(() => (40 + (uniform() < 0.1 ? 200 : 0) + 0.5 * noise()) * MEBIBYTE),
      'a sawtooth': series((_, i) => (40 + (i % 12)) * MEBIBYTE),
      'one peak at the end': series((_, i) => (i === 119 ? 400 : 40) * MEBIBYTE),
    };
    for (const [name, points] of Object.entries(flat)) {
      assert.ok(judge(points, METRICS.heap)!.isFlat, `${name}, seed ${seed}`);
    }
  }
});

test('steps that come again and again are growth, and a single one is not', () => {
  const stairs = series((hours) => (40 + 3 * Math.floor(2.5 * hours)) * MEBIBYTE);
  assert.not(judge(stairs, METRICS.heap)!.isFlat);
  const step = series((hours) => (hours < 1 ? 40 : 60) * MEBIBYTE);
  assert.ok(judge(step, METRICS.heap)!.isFlat);
});

test('too few readings are not judged', () => {
  assert.is(
    judge(
      series((hours) => hours * 1e9, LEAST_POINTS - 1),
      METRICS.heap,
    ),
    undefined,
  );
  assert.ok(
    judge(
      series((hours) => hours * 1e9, LEAST_POINTS),
      METRICS.heap,
    ),
  );
});

test.run();
