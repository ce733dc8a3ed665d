import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeIds, ratios } from '../../../bench/lib/captions/compare.mjs';

const run = (engine: string, more: object = {}) => ({
  ...{ engine, host: 'node', weights: 'f32', threads: 1, ids: [[1, 2, 3, 4]] },
  ...more,
});

test('a peer is compared with the faster build in the same place, time by time', () => {
  const rows = [
    run('gpt2-wasm', { build: 'simd', encode: { median: 30 }, pixels: { median: 5 } }),
    run('gpt2-wasm', { build: 'relaxed', encode: { median: 20 }, pixels: { median: 8 } }),
    run('gpt2-wasm', { host: 'chromium', encode: { median: 1 }, pixels: { median: 1 } }),
    run('peer', { encode: { median: 50 }, pixels: { median: 10 } }),
    run('without pixels', { encode: { median: 10 } }),
    run('on other threads', { threads: 2, encode: { median: 10 } }),
    run('failed', { failure: 'no memory' }),
  ];
  const found = ratios(rows);
  assert.equal(
    found.map(({ engine, encode, pixels }) => [engine, encode, pixels]),
    [
      ['peer', 2.5, 2],
      ['without pixels', 0.5, undefined],
    ],
  );
});

test('captions in f32 have to have the ids of the first run; in other formats their share is told', () => {
  const rows = [
    run('failed', { failure: 'no memory', ids: undefined }),
    run('gpt2-wasm'),
    run('peer'),
    run('shorter', { ids: [[1, 2, 3]] }),
    run('other', { host: 'chromium', threads: 2, ids: [[1, 2, 0, 4]] }),
    run('gpt2-wasm', { weights: 'q8', ids: [[1, 2, 0, 0]] }),
  ];
  const { compared, different } = judgeIds(rows);
  assert.is(compared, 4);
  assert.equal(different, ['shorter, node, f32, 1 thread', 'other, chromium, f32, 2 threads']);
  assert.equal(
    rows.map((row) => (row as { sameIds?: number }).sameIds),
    [undefined, 1, 1, 0.75, 0.75, 0.5],
  );
});

test('without a run in f32 no ids are compared', () => {
  assert.equal(judgeIds([run('gpt2-wasm', { weights: 'q8' })]), { compared: 0, different: [] });
});

test.run();
