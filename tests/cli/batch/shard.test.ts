import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseShard, rangeOf } from '../../../src/cli/batch/shard.js';
import { thrown } from '../../support/thrown.js';

test('shards are pieces of equal size that follow each other', () => {
  for (let requests = 0; requests < 20; requests++) {
    for (let count = 1; count < 25; count++) {
      let end = 0;
      for (let index = 1; index <= count; index++) {
        const [from, to] = rangeOf({ index, count }, requests);
        assert.is(from, end);
        assert.ok(Math.abs(to - from - requests / count) < 1);
        end = to;
      }
      assert.is(end, requests);
    }
  }
});

test('a shard is I/N, from 1', async () => {
  assert.equal(parseShard('2/3'), { index: 2, count: 3 });
  for (const wrong of ['0/3', '4/3', '1', '1/0', '-1/2', '1.5/2', '']) {
    await thrown(() => parseShard(wrong), 'invalid-option', '--shard');
  }
});

test.run();
