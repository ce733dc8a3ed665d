import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  anyText,
  codePointSet,
  codePoints,
  complement,
} from '../../../../src/generate/constraints/expressions/code_points.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { holds } from '../../../support/property.js';
import { stateAfter } from '../../../support/random_expression.js';

const codePoint = fc.oneof(
  fc.nat(0x10ffff),
  fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff),
);
const ranges = fc.array(
  fc.tuple(codePoint, codePoint).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
  { maxLength: 4 },
);
const isSurrogate = (point: number) => point >= 0xd800 && point <= 0xdfff;

test('ranges of code points match the UTF-8 of their members alone', async () => {
  const inputs = fc.tuple(ranges, fc.array(codePoint, { maxLength: 20 }));
  await holds(
    'code points',
    inputs,
    async ([ranges, others]) => {
      const expression = codePoints(new Expressions(), ranges);
      const near = ranges.flatMap(([first, last]) => [first - 1, first, first + 1, last - 1, last, last + 1]);
      for (const point of [...near, ...others]) {
        if (point < 0 || point > 0x10ffff || isSurrogate(point)) continue;
        const isMember = ranges.some(([first, last]) => point >= first && point <= last);
        const text = String.fromCodePoint(point);
        assert.is(stateAfter(expression, text).isNullable, isMember, `U+${point.toString(16)}`);
      }
    },
    300,
  );
});

test('the complement of ranges has all other code points', async () => {
  await holds(
    'complement',
    ranges,
    async (some) => {
      const set = codePointSet(some);
      const all = codePointSet([...set, ...complement(set)]);
      assert.equal(all, [[0, 0x10ffff]]);
      const size = [...set, ...complement(set)].reduce((sum, [first, last]) => sum + last - first + 1, 0);
      assert.is(size, 0x110000);
    },
    300,
    [[[0, 0x10fffe]], [[1, 0x10ffff]]],
  );
});

test('no bytes but UTF-8 are text', () => {
  const start = anyText(new Expressions());
  const matches = (bytes: readonly number[]) =>
    bytes.reduce((state, byte) => state.step(byte), start).isNullable;
  assert.ok(matches([0x41, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80]));
  // A continuation alone, an overlong form, a surrogate, beyond U+10FFFF, and a part of a character.
  for (const bytes of [
    [0x80],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf0, 0x9f, 0x98],
  ]) {
    assert.not(matches(bytes), bytes.join());
  }
});

test.run();
