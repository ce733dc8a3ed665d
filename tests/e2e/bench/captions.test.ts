import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeIds, ratios } from '../../../bench/lib/captions/compare.mjs';
import { summary } from '../../../bench/lib/stats.mjs';

const run = (engine: string, more: object = {}) => ({
  ...{ engine, host: 'node', weights: 'f32', threads: 1, ids: [[1, 2, 3, 4]] },
  ...more,
});

/** A run with its times in each round. */
const measured = (engine: string, more: object, times: { encode: number[]; pixels?: number[] }) => ({
  ...run(engine, more),
  samples: times.encode.map((encode, i) => ({ encode, ...(times.pixels && { pixels: times.pixels[i]! }) })),
  encode: summary(times.encode),
  ...(times.pixels && { pixels: summary(times.pixels) }),
});

test('a peer is compared with the faster build in the same place, time by time', () => {
  const rows = [
    measured('gpt2-wasm', { build: 'simd' }, { encode: [30, 20, 40], pixels: [5, 5, 5] }),
    measured('gpt2-wasm', { build: 'relaxed' }, { encode: [10, 40, 20], pixels: [8, 8, 8] }),
    measured('gpt2-wasm', { host: 'chromium' }, { encode: [1, 1, 1], pixels: [1, 1, 1] }),
    measured('peer', {}, { encode: [50, 10, 60], pixels: [10, 20, 5] }),
    measured('without pixels', {}, { encode: [10, 10, 10] }),
    measured('on other threads', { threads: 2 }, { encode: [10, 10, 10] }),
    run('failed', { failure: 'no memory' }),
  ];
  const [peer, other, ...more] = ratios(rows);
  assert.equal(more, []);
  assert.is(peer!.engine, 'peer');
  assert.equal(peer!.encode, { median: 2.5, least: 0.5, most: 5 });
  assert.equal(peer!.pixels, { median: 2, least: 1, most: 4 });
  assert.is(other!.engine, 'without pixels');
  assert.equal(other!.encode, { median: 0.5, least: 0.5, most: 1 });
  assert.is(other!.pixels, undefined);
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
