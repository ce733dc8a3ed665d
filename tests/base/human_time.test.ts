import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { humanTime } from '../../src/base/human_time.js';

test('a time has the unit that people would take', () => {
  for (const [seconds, text] of [
    [0.4, '0 s'],
    [99.4, '99 s'],
    [100, '2 min'],
    [99 * 60, '99 min'],
    [2 * 3600 + 5 * 60 + 20, '2 h 5 min'],
    [Infinity, 'some time'],
    [Number.NaN, 'some time'],
  ] as const) {
    assert.is(humanTime(seconds), text);
  }
});

test.run();
