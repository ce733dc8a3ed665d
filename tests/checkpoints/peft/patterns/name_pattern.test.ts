import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import { NamePattern } from '../../../../src/checkpoints/peft/patterns/name_pattern.js';
import { holds } from '../../../support/property.js';
import { thrown } from '../../../support/thrown.js';

const matches = (pattern: string, name: string) =>
  new NamePattern(pattern, 'a test').matches(name, { count: 0 });

/** As PEFT compares: a pattern matches a whole name, or the part of it after a dot. */
const byRegExp = (pattern: string, name: string) => new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(name);

const character = fc.constantFrom(
  'a',
  'b',
  '.',
  '0',
  '1',
  '\\.',
  '\\d',
  '\\w',
  '\\W',
  '[ab]',
  '[^a.]',
  '[0-9_]',
);
const anchor = fc.constantFrom('^', '$', '\\b', '\\B');
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4 },
    character,
    anchor,
    fc.tuple(tie('pattern'), fc.constantFrom('(', '(?:')).map(([inner, open]) => `${open}${inner})`),
    fc
      .tuple(
        fc.oneof(
          character,
          tie('pattern').map((inner) => `(?:${inner})`),
        ),
        fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{1,}', '*?'),
      )
      .map(([inner, count]) => inner + count),
    fc.tuple(tie('pattern'), fc.constantFrom('(?=', '(?!')).map(([inner, open]) => `${open}${inner})`),
  ),
  pattern: fc
    .array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((options) => options.map((parts) => parts.join('')).join('|')),
}));
const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '0', '1', '_'), maxLength: 8 });

test('patterns match names as regular expressions do', () =>
  holds(
    'patterns of names',
    fc.record({ pattern, name }),
    async ({ pattern, name }) => assert.is(matches(pattern, name), byRegExp(pattern, name)),
    300,
  ));

test("patterns of PEFT's documentation match names of modules", () => {
  const name = 'transformer.h.10.attn.c_attn';
  for (const pattern of [
    'c_attn',
    'attn.c_attn',
    '^transformer\\.h\\.10\\.attn\\.c_attn',
    '.*\\.10\\..*',
    name,
  ]) {
    assert.ok(matches(pattern, name), pattern);
  }
  for (const pattern of [
    '_attn',
    'h.1',
    'c_attn.',
    '^h\\.10.*',
    'transformer',
    'h\\.[2-9]\\.attn\\.c_attn',
  ]) {
    assert.not.ok(matches(pattern, name), pattern);
  }
});

test('patterns that would take too long, or are not read, are refused', async () => {
  const name = `transformer.${'a'.repeat(180)}`;
  const words = 'x'.repeat(2000);
  for (const [pattern, reason] of [
    ['(a)\\1', '\\1'],
    ['(?i)a', '(?i'],
    ['(?<=a)b', '(?<'],
    ['a**', 'a repetition of a repetition'],
    ['(a', 'a group that is not closed'],
    ['a)', 'a group is closed'],
    ['[a', 'an end in the middle'],
    ['[b-a]', 'the range b-a'],
    ['a{3,2}', 'a repetition whose least'],
    [`(${words})`, 'more than 1000 characters'],
    ['('.repeat(400), 'groups in each other'],
  ] as const) {
    await thrown(async () => matches(pattern, name), 'unsupported', reason);
  }
  // Loops that a backtracking matcher would never leave.
  const hostile = [
    '(a*)*b',
    '(a|a)*b',
    '((a+)+)+b',
    '(.*.*.*.*.*)*b',
    `${'(?=.*'.repeat(40)}b${')'.repeat(40)}`,
  ];
  for (const pattern of hostile) {
    try {
      assert.not.ok(matches(pattern, name));
    } catch (error) {
      assert.ok(error instanceof Gpt2Error && error.message.includes('loops that take too long'), pattern);
    }
  }
});

test.run();
