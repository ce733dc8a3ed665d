import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '../../src/files/json.js';
import { MAX_JSON_DEPTH } from '../../src/files/limits.js';
import { throws } from '../checkpoints/support.js';
import { assertGrowth, leastWork } from '../support/work.js';

const invalid = (text: string | Uint8Array, ...patterns: RegExp[]) =>
  throws(() => parseJson(text, 'a.json'), 'invalid-file', /^a\.json/, ...patterns);

test('reads what JSON.parse reads', () => {
  const texts = [
    ...['0', '-1.5e+3', '"a"', 'true', 'null', '[]', '{}', ' [ ] ', ' { } ', '\t\r\n1 '],
    ...[
      '[1, [2, [3]], {"a": {}}]',
      '{"a":1,"b":[true,false],"":{"a":1}}',
      '{"__proto__": 1, "a b": "\\u0041\\n"}',
    ],
    ...['"\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00 é 😀"', '[1E5, 0.1, -0]', '{"a":{"a":{"a":1}}}'],
  ];
  for (const text of texts) {
    assert.equal(parseJson(text, 'a.json'), JSON.parse(text));
    assert.equal(parseJson(new TextEncoder().encode(text), 'a.json'), JSON.parse(text));
  }
});

test('refuses what JSON.parse refuses', () => {
  const texts = [
    ...[
      '',
      ' ',
      '{',
      '[',
      '"',
      '"a',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '{"a":1,}',
      '[1,]',
      '[1 2]',
      '{a:1}',
    ],
    ...["{'a':1}", '01', '+1', '.5', '1.', '1e', '--1', 'NaN', 'Infinity', 'undefined', 'tru', 'nul', 'True'],
    ...[
      '"\\x"',
      '"\\u12g4"',
      '"\\',
      '"\t"',
      '"\n"',
      '1 2',
      '{} {}',
      ']',
      '}',
      ',',
      ':',
      '[1}',
      '{"a" 1}',
      '{,}',
    ],
    ...['[,]', '// a\n1', '1//', '\u00a01', '\ufeff1', '{"a":1 "b":2}', '{1:2}', '{"a"::1}', '"\u0000"'],
  ];
  for (const text of texts) {
    assert.throws(() => JSON.parse(text), undefined, text);
    invalid(text);
  }
});

test('invalid JSON is refused with its line and column', () => {
  invalid('{\n  "a": 1,\n  "b": x\n}', /value expected, "x" found at line 3, column 8$/);
  invalid('{"a": 1', /"," or "}" expected, the end found at line 1, column 8$/);
  invalid('{"a": 1} x', /the end expected, "x" found at line 1, column 10$/);
  invalid('["a\\q"]', /unknown escape at line 1, column 4$/);
});

test('invalid UTF-8 is refused', () => {
  invalid(new Uint8Array([0x22, 0xc3, 0x28, 0x22]), /UTF-8/);
});

test('a key that stands twice is refused by name and position', () => {
  invalid('{"a": 1,\n "b": 2, "a": 1}', /key "a" stands twice in one object, again at line 2, column 10$/);
  invalid('{"x": [{"n_layer": 1, "n_layer": 2}]}', /"n_layer"/);
});

test('a key that stands twice in different spellings is refused', () => {
  invalid('{"a": 1, "\\u0061": 2}', /"a"/);
});

test('equal keys in different objects pass', () => {
  assert.equal(parseJson('{"a": {"a": 1}, "b": {"a": 1}}', 'a.json'), { a: { a: 1 }, b: { a: 1 } });
});

test('nesting beyond the limit is refused, without overflowing the stack', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(parseJson(nested(MAX_JSON_DEPTH + 1), 'a.json'));
  invalid(nested(MAX_JSON_DEPTH + 2), /nested deeper than 64/);
  invalid('['.repeat(5_000_000), /nested deeper/);
  invalid('{"a":'.repeat(5_000_000), /nested deeper/);
});

test('reads a vocabulary of 50257 keys as JSON.parse does', () => {
  const text = readFileSync(new URL('../fixtures/gpt2-tokenizer/vocab.json', import.meta.url), 'utf8');
  assert.equal(parseJson(text, 'vocab.json'), JSON.parse(text));
});

test('reading takes time in proportion to the length', async () => {
  const object = (keys: number) =>
    `{${Array.from({ length: keys }, (_, i) => `"key ${i}": ${i}`).join(', ')}}`;
  const time = (text: string) => leastWork(() => parseJson(text, 'a.json'));
  const [small, large] = [object(20_000), object(200_000)];
  time(small);
  await assertGrowth(
    () => time(large),
    () => time(small),
    100,
    'an object of ten times the keys',
  );
});

test.run();
