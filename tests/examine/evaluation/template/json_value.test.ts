import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonDocument, jsonValue } from '../../../../src/examine/evaluation/template/json_value.js';
import { thrown } from '../../../support/thrown.js';

const test = suite('values that programs give');

test('what JSON can hold is copied, without fields that are undefined', () => {
  const shared = { a: ['x', 1.5, -0, true, null] };
  const given = { q: 'Wer?', none: undefined, list: [shared, shared, []], ['__proto__']: { b: undefined } };
  const copied = jsonDocument(given, 'data[0]');
  assert.equal(copied, JSON.parse(JSON.stringify(given)));
  assert.equal(Object.keys(copied), ['q', 'list', '__proto__']);
  shared.a.push('later');
  assert.is((copied.list as { a: [] }[])[0]!.a.length, 5);
});

test('lists in lists that stand for very many values are copied once each', () => {
  let many: unknown[] = [1];
  for (let i = 0; i < 60; i++) many = [many, many];
  assert.ok(jsonValue(many, 'x'));
});

test('everything else is refused, wherever it is', async () => {
  const itself: unknown[] = [];
  itself.push({ itself });
  let deep: unknown[] = [];
  for (let i = 0; i < 600; i++) deep = [deep];
  const wrong: [unknown, string][] = [
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [[undefined], 'undefined'],
    [new Array(2 ** 32 - 1), 'undefined'],
    [Float32Array.of(1), 'Float32Array'],
    [new Date(0), 'Date'],
    [new Map(), 'Map'],
    [10n, '10'],
    [() => 1, 'a function'],
    [itself, 'a value that contains itself'],
    [deep, 'a value that nests deeper than 500 levels'],
  ];
  for (const [value, what] of wrong) {
    for (const given of [value, [0, value], { a: [{ b: value }] }]) {
      await thrown(
        () => jsonValue(given, 'data[3]'),
        'invalid-option',
        `data[3] has ${what}; it must be what JSON can`,
      );
    }
  }
  await thrown(
    () => jsonDocument([], 'data[3]'),
    'invalid-option',
    'data[3] is an array; it must be an object',
  );
});

test.run();
