import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { draftLength } from '../../../src/generate/speculation/draft_length.js';

test('as many drafts as promise the most tokens in a time', () => {
  const chances = [0.9, 0.9, 0.9, 0.9];
  assert.is(
    draftLength(() => 1, chances, 0, 0),
    4,
    'free rows',
  );
  assert.is(
    draftLength((rows) => rows, chances, 0, 0),
    0,
    'rows that cost a batch each',
  );
  // By hand: 1.9 / 1.5, 2.71 / 2, 3.439 / 3.5.
  const times = [0, 1, 1.5, 2, 3.5];
  assert.is(
    draftLength((rows) => times[rows], chances.slice(0, 3), 0, 0),
    2,
  );
});

test('the time of making drafts counts', () => {
  const free = () => 1;
  assert.is(draftLength(free, [0.9, 0.9], 0, 0.2), 2);
  assert.is(draftLength(free, [0.9, 0.9], 0, 1), 0);
});

test('nothing is drafted while the time of a batch is unknown', () => {
  assert.is(
    draftLength(() => undefined, [1, 1], 0, 0),
    0,
  );
});

test('beside many other rows, whose batch takes longer with each, drafts must be nearly sure', () => {
  const busy = (rows: number) => Math.max(8, rows);
  assert.is(draftLength(busy, [0.8, 0.8], 0, 0), 2);
  assert.is(draftLength(busy, [0.8, 0.8], 40, 0), 0);
});

test.run();
