import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  coresFor,
  GROWTH,
  highestRate,
  meanOpen,
  percentile,
  poissonTimes,
  queueOf,
} from '../../../bench/lib/serving/arithmetic.mjs';

test('a percentile is the least number that the share of all does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
  assert.equal(
    [0, 0.01, 0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share)),
    [1, 1, 50, 95, 99, 100],
  );
  assert.is(percentile([3, 1, 2], 0.5), 2);
  assert.is(percentile([5, Number.POSITIVE_INFINITY], 0.95), Number.POSITIVE_INFINITY);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('Poisson times come from the seed, in order, with exponential gaps whose mean is 1 / rate', () => {
  const times = poissonTimes(50, 200, 3);
  assert.equal(poissonTimes(50, 200, 3), times);
  assert.not.equal(poissonTimes(50, 200, 4), times);
  const gaps = times.map((time, i) => time - (times[i - 1] ?? 0));
  assert.ok(gaps.every((gap) => gap > 0) && times.at(-1)! < 200);
  // 10,000 events are expected; their standard deviation is 100.
  assert.ok(Math.abs(times.length - 10_000) < 400, `${times.length} events`);
  const share = gaps.filter((gap) => gap > 1 / 50).length / gaps.length;
  assert.ok(Math.abs(share - Math.exp(-1)) < 0.02, `${share} of the gaps are longer than the mean`);
});

test('Poisson times at another rate are the same, but for their distances', () => {
  const [slow, fast] = [poissonTimes(2, 30, 9), poissonTimes(20, 3, 9)];
  assert.is(slow.length, fast.length);
  slow.forEach((time, i) => {
    assert.ok(Math.abs(time - 10 * fast[i]!) < 1e-9);
  });
});

test('the mean number of open requests, by hand', () => {
  const spans = [
    { start: 0, end: 10 },
    { start: 4, end: 6 },
    { start: 9, end: Number.POSITIVE_INFINITY },
  ];
  assert.is(meanOpen(spans, 0, 10), (10 + 2 + 1) / 10);
  assert.is(meanOpen(spans, 20, 30), 1);
});

test('a queue grows if requests come faster than they leave, and does not if they come as fast', () => {
  // A request every 0.1 s; each is served alone, for so long.
  const served = (seconds: number) => {
    let free = 0;
    return Array.from({ length: 300 }, (_, i) => {
      const start = i / 10;
      free = Math.max(free, start) + seconds;
      return { start, end: free };
    });
  };
  assert.not(queueOf(served(0.1), 30).grows);
  assert.not(queueOf(served(0.05), 30).grows);
  const { middle, end, grows } = queueOf(served(0.12), 30);
  assert.ok(grows && end > GROWTH.factor * middle, `${middle} to ${end}`);
  const never = served(0.1).map(({ start }) => ({ start, end: Number.POSITIVE_INFINITY }));
  assert.ok(queueOf(never, 30).grows);
});

test('the highest rate that is held is found up to 10 %, from any first rate', async () => {
  for (const [limit, first] of [
    [7.3, 1],
    [7.3, 100],
    [0.4, 1],
    [512, 1],
    [5, 5],
  ] as const) {
    const tried: number[] = [];
    const rate = await highestRate((rate) => {
      tried.push(rate);
      return rate <= limit;
    }, first);
    assert.ok(rate <= limit && rate > limit / 1.1, `${rate} of ${limit}`);
    assert.is(new Set(tried).size, tried.length, 'no rate is tried twice');
    assert.ok(tried.length <= 16, `${tried.length} windows`);
  }
});

test('the search ends if every rate is held, and if none is', async () => {
  let count = 0;
  const always = (is: boolean) => () => {
    count++;
    return is;
  };
  assert.is(await highestRate(always(true), 1), 1024);
  assert.is(await highestRate(always(false), 1), 0);
  assert.is(count, 22);
});

test('cores for an audience, by hand', () => {
  const audience = { users: 864, requestsPerDay: 100, peakFactor: 3 };
  assert.is(coresFor(audience, 1), 3);
  assert.is(coresFor(audience, 1.6), 2);
});

test.run();
