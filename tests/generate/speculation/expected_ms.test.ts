import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expectedMs } from '../../../src/generate/speculation/expected_ms.js';

/** What is expected after batches of these times by the number of rows, all of which had logits. */
const expected = (times: Record<number, number[]>, rows: number) =>
  expectedMs(
    Object.entries(times).flatMap(([count, all]) =>
      all.map((ms) => ({ ms, rows: Number(count), wanted: Number(count) })),
    ),
  )(rows);

test('nothing is expected before batches of so few rows were measured', () => {
  assert.is(expected({}, 1), undefined);
  assert.is(expected({ 4: [20] }, 3), undefined);
  assert.is(expected({ 4: [20] }, 4), 20);
});

test('the least of the latest four times counts', () => {
  assert.is(expected({ 1: [5, 30, 10, 12, 11] }, 1), 10);
});

test('between measured numbers of rows, times grow evenly; beyond them, by a third of a row', () => {
  assert.is(expected({ 1: [12] }, 4), 24);
  assert.is(expected({ 1: [12], 5: [20] }, 3), 16);
  assert.is(expected({ 1: [12], 9: [33] }, 10), 36);
});

test('a batch that was delayed costs no more than one of more rows', () => {
  assert.is(expected({ 1: [10], 2: [90], 3: [14] }, 2), 14);
});

test('batches with prompts do not count', () => {
  assert.is(expectedMs([{ ms: 5, rows: 3, wanted: 1 }])(3), undefined);
});

test.run();
