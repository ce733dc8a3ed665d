import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SortedList } from '../../src/base/sorted_list.js';
import { holds } from '../support/property.js';

test('a list is in order after any additions and removals, and says what it does not hold', async () => {
  const changes = fc.array(fc.record({ value: fc.nat(60), isAdded: fc.boolean() }));
  await holds(
    'sorted list',
    changes,
    async (given) => {
      const list = new SortedList<number>((a, b) => a - b);
      const expected = new Set<number>();
      for (const { value, isAdded } of given) {
        if (isAdded && !expected.has(value)) {
          list.add(value);
          expected.add(value);
        } else assert.is(list.delete(value), expected.delete(value));
        const sorted = [...expected].sort((a, b) => a - b);
        assert.equal([...list], sorted);
        assert.is(list.size, sorted.length);
        assert.equal(
          sorted.map((_, i) => list.at(i)),
          sorted,
        );
        assert.is(list.indexOf(value), sorted.filter((other) => other < value).length);
      }
      assert.is(list.at(list.size), undefined);
      assert.is(list.at(-1), undefined);
    },
    200,
  );
});

test.run();
