import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileGrammar } from '../../../../src/generate/constraints/grammar/compile_grammar.js';
import { holds } from '../../../support/property.js';
import { accepts } from '../accepts.js';

const [json, chess] = ['json', 'chess'].map((name) => {
  const file = new URL(`../../../fixtures/grammars/${name}.gbnf`, import.meta.url);
  return compileGrammar(new Expressions(), readFileSync(file, 'utf8'));
}) as [Grammar, Grammar];
type Grammar = ReturnType<typeof compileGrammar>;

/** Objects without DEL and long numbers, which this grammar leaves out. */
const { object } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(true, false, null, ''),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\x7f', '')),
    fc.integer().map((number) => number / 8),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
}));

test('the grammar of JSON accepts random objects', () =>
  holds('JSON', object, async (one) => assert.ok(accepts(json, JSON.stringify(one))), 300));

test('what the grammar of JSON accepts is JSON', () => {
  const pieces = ['', '{', '}', '[', ']', ',', ':', '"a"', '"\\n"', '-1', '0.5', '1e2', 'true', '\n  ', ' '];
  const change = fc.record({ at: fc.nat(), removed: fc.nat({ max: 3 }), piece: fc.constantFrom(...pieces) });
  return holds(
    'changed JSON',
    fc.tuple(object, fc.array(change, { maxLength: 2 })),
    async ([one, changes]) => {
      let text = JSON.stringify(one);
      for (const { at, removed, piece } of changes) {
        const start = at % (text.length + 1);
        text = text.slice(0, start) + piece + text.slice(start + removed);
      }
      if (accepts(json, text)) assert.type(JSON.parse(text), 'object');
    },
    300,
  );
});

test('the grammar of JSON allows white space where llama.cpp does', () => {
  assert.ok(accepts(json, '{ "a": [1,\n  2.5e3], "b":\n\t{} }\n'));
  assert.not(accepts(json, '{ "a" \n: 1}'));
  assert.not(accepts(json, '{"a":  1}'));
  assert.not(accepts(json, '[1]'));
});

test('the grammar of chess accepts games and refuses others', () => {
  assert.ok(accepts(chess, '1. e4 e5\n2. Nf3 Nc6\n3. Bb5 a6\n4. Bxc6 dxc6\n5. O-O f6\n'));
  assert.ok(accepts(chess, '1. e4 e5\n2. Qh5 Nc6\n3. Bc4 Nf6\n4. Qxf7# O-O-O\n10. exd8=Q+ R1xa2\n'));
  for (const game of [
    '1. e4 e5\n',
    '1. e4 e5\n2. Nf9 Nc6\n',
    '1. e4 e5\n2. Nf3 Nc6',
    '1. e4 e5\n0. a3 a6\n',
  ]) {
    assert.not(accepts(chess, game), game);
  }
});

test.run();
