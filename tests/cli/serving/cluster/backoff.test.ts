import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Backoff } from '../../../../src/cli/serving/cluster/backoff.js';

test('delays double while a process keeps dying, up to half a minute, and begin again after a minute of life', () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 10 }, () => backoff.next(59_999));
  assert.equal(delays, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assert.is(backoff.next(60_000), 250);
  assert.is(backoff.next(0), 500);
});

test.run();
