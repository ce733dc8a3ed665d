import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reportOf, resultOf } from './report.js';

const recordOf = (count: number, heapAt: (i: number) => number) => ({
  name: 'server',
  acts: { whole: 5, slow: 2 },
  wrong: ['whole: another text'],
  readings: Array.from({ length: count }, (_, i) => ({
    hours: i / 10,
    reading: { heap: heapAt(i) * 2 ** 20, handles: 21 },
  })),
});

test('a report has a row for each number that was read, and a line for each part', () => {
  const result = resultOf(recordOf(20, () => 30));
  assert.ok(result.isFlat);
  const text = reportOf([result]);
  assert.match(text, '| server | JavaScript heap | 30.0 MiB | 30.0 MiB | 0.0 MiB | flat |');
  assert.match(text, '| server | open files and sockets | 21 | 21 | 0 | flat |');
  assert.not.match(text, 'DOM nodes');
  assert.match(text, '- server: 7 acts (whole 5, slow 2), 1 wrong; 20 readings, all flat.');
});

test('what grows is named', () => {
  const result = resultOf(recordOf(20, (i) => 30 + 2 * i));
  assert.not(result.isFlat);
  const text = reportOf([result]);
  assert.match(text, '| server | JavaScript heap | 44.0 MiB | 64.0 MiB | +20.0 MiB | **grows** |');
  assert.match(text, '20 readings, growing: JavaScript heap.');
});

test('a part with too few readings is not called flat', () => {
  const result = resultOf(recordOf(3, () => 30));
  assert.not(result.isFlat);
  assert.match(reportOf([result]), 'too few readings to judge (3, of 12)');
});

test.run();
