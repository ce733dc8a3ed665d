import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eachGram, GramTable } from '../../../src/train/grams/gram_table.js';
import { KeyIndex } from '../../../src/train/grams/key_index.js';
import { holds } from '../../support/property.js';

const tokens = fc.array(fc.nat(2), { maxLength: 60 });

test('n-grams have the numbers of a literal set, also those of other tokens', async () => {
  await holds(
    'n-grams',
    fc.record({ own: tokens, other: tokens, length: fc.integer({ min: 1, max: 5 }) }),
    async ({ own, other, length }) => {
      const table = new GramTable();
      const numbers = new Map<string, number>();
      const [mine, theirs] = [Int32Array.from(own), Int32Array.from(other)];
      // The second round has what the first one left in the arrays.
      for (const start of [0, Math.min(3, own.length)]) {
        table.reset(mine, length, own.length);
        numbers.clear();
        let next = start;
        eachGram(mine, start, own.length, length, (hash, at) => {
          assert.is(at, next++);
          const gram = own.slice(at, at + length).join();
          const expected = numbers.get(gram) ?? numbers.size;
          numbers.set(gram, expected);
          assert.is(table.find(hash, mine, at), expected === table.size ? -1 : expected);
          assert.is(table.add(hash, at), expected);
          assert.is(table.hash(expected), hash);
          return true;
        });
        assert.is(next, Math.max(start, own.length - length + 1));
        assert.is(table.size, numbers.size);
      }
      let visits = 0;
      eachGram(theirs, 0, other.length, length, (hash, at) => {
        const gram = other.slice(at, at + length).join();
        assert.is(table.find(hash, theirs, at), numbers.get(gram) ?? -1);
        return ++visits < 4;
      });
      assert.is(visits, Math.min(4, Math.max(0, other.length - length + 1)));
    },
    300,
  );
});

test('documents are found by their keys, the latest first', async () => {
  // Keys that share chains: 1 and 17 do in an index for up to 16 documents.
  const keys = fc.array(fc.constantFrom(1, 17, -1, 2 ** 31 - 1, 33), { maxLength: 16 });
  await holds(
    'keys',
    keys,
    async (all) => {
      const index = new KeyIndex(all.length);
      all.forEach((key, document) => {
        index.add(key, document);
      });
      for (const key of [1, 17, -1, 2 ** 31 - 1, 33, 5]) {
        const found: number[] = [];
        for (let at = index.find(key); at !== -1; at = index.find(key, at)) found.push(at);
        const expected = all.flatMap((other, document) => (other === key ? [document] : [])).reverse();
        assert.equal(found, expected);
      }
    },
    100,
  );
});

test.run();
