import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partitionPoint } from '../../src/base/partition_point.js';
import { holds } from '../support/property.js';

test('it is the first index that is not before, and few indices are asked for', async () => {
  const ranges = fc.record({ start: fc.nat(2000), length: fc.nat(2000), before: fc.nat(2000) });
  await holds(
    'partition point',
    ranges,
    async ({ start, length, before }) => {
      const point = start + Math.min(before, length);
      const asked: number[] = [];
      const isBefore = (index: number) => {
        asked.push(index);
        return index < point;
      };
      assert.is(partitionPoint(start, start + length, isBefore), point);
      assert.ok(asked.every((index) => index >= start && index < start + length));
      assert.ok(asked.length <= Math.log2(length + 1) + 1);
    },
    200,
  );
});

test.run();
