import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { planThreads } from '../../../src/core/threads/plan.js';
import { threadPlatform } from '../../../src/host/platform.js';

const MIB = 2 ** 20;

/** The plan on a machine of this many processors. */
function planOn(processors: number, wish: 'auto' | number, weightBytes: number) {
  const platform = threadPlatform!;
  const original = platform.processors;
  platform.processors = () => processors;
  try {
    return planThreads(wish, weightBytes);
  } finally {
    platform.processors = original;
  }
}

test('up to four processors all compute, of more half of them, and never more than eight', () => {
  for (const [processors, threads] of [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 4],
    [8, 4],
    [11, 5],
    [12, 6],
    [16, 8],
    [64, 8],
  ] as const) {
    const { count, reason, platform } = planOn(processors, 'auto', 24 * MIB);
    assert.is(count, threads, `${processors} processors`);
    assert.is(platform === undefined, threads === 1);
    const alone = 'there is one processor';
    assert.is(reason, threads === 1 ? alone : `${threads} threads on ${processors} processors`);
  }
});

test('a model of less than 24 MiB has one thread, unless a number is asked for', () => {
  const { count, reason, platform } = planOn(4, 'auto', 24 * MIB - 1);
  assert.equal([count, platform], [1, undefined]);
  assert.match(reason, 'of this size');
  assert.is(planOn(4, 2, 0).count, 2);
});

test('a number that is asked for is kept on any machine', () => {
  for (const processors of [1, 2, 64]) {
    const { count, reason } = planOn(processors, 12, 0);
    assert.is(count, 12);
    assert.is(reason, `12 threads asked for, on ${processors} processors`);
  }
  const { count, platform } = planOn(4, 1, 100 * MIB);
  assert.equal([count, platform], [1, undefined]);
});

test.run();
