import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileRegex, compileSearch } from '../../../../src/generate/constraints/regex/compile_regex.js';
import { holds } from '../../../support/property.js';
import { accepts } from '../accepts.js';
import { walk } from '../walk.js';
import { patterns, texts } from './patterns.js';

const someTexts = fc.array(texts, { minLength: 1, maxLength: 20 });

test('a pattern accepts what RegExp matches from beginning to end', () =>
  holds(
    'whole match',
    fc.tuple(patterns, someTexts),
    async ([pattern, all]) => {
      const expression = compileRegex(new Expressions(), pattern);
      const regex = new RegExp(`^(?:${pattern})$`, 'u');
      for (const text of all) assert.is(accepts(expression, text), regex.test(text), JSON.stringify(text));
    },
    80,
  ));

test('a search accepts texts in which RegExp finds the pattern', () =>
  holds(
    'search',
    fc.tuple(patterns, someTexts),
    async ([pattern, all]) => {
      const expression = compileSearch(new Expressions(), pattern);
      // V8 also tries to match between the halves of a surrogate pair; this makes it try between characters only.
      const regex = new RegExp(`^[^]*?(?:${pattern})`, 'u');
      for (const text of all) assert.is(accepts(expression, text), regex.test(text), JSON.stringify(text));
    },
    80,
  ));

const walks = fc.array(fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), { minLength: 1, maxLength: 10 });

test('no way through the states of a pattern is a dead end, and RegExp matches what they write', () =>
  holds(
    'walks',
    fc.tuple(patterns, walks),
    async ([pattern, all]) => {
      const expression = compileRegex(new Expressions(), pattern);
      if (expression.isNothing) return;
      const regex = new RegExp(`^(?:${pattern})$`, 'u');
      for (const picks of all) {
        for (const text of walk(expression, picks)) assert.match(text, regex);
      }
    },
    80,
  ));

test('no way through the states of a search is a dead end', () =>
  holds(
    'walks of searches',
    fc.tuple(patterns, walks),
    async ([pattern, all]) => {
      const expression = compileSearch(new Expressions(), pattern);
      const regex = new RegExp(`^[^]*?(?:${pattern})`, 'u');
      for (const picks of expression.isNothing ? [] : all) {
        for (const text of walk(expression, picks)) assert.match(text, regex);
      }
    },
    80,
  ));

const REFUSED: readonly [pattern: string, message: RegExp][] = [
  ['(a)\\1', /\/\(a\)\\1\/ cannot be used: the backreference \\1 is not supported, at position 3/],
  ['(?<x>a)\\k<x>', /backreference \\k<x> is not supported, at position 7/],
  ['(?<=a)b', /lookbehind is not supported, at position 0/],
  ['a(?<!a)b', /lookbehind is not supported, at position 1/],
  ['(?m:^a)', /\^ is not supported in a group with the modifier m, at position 4/],
  ['(?i:\\ba)', /\\b is not supported in a group with the modifier i, at position 4/],
  ['a(b', /Unterminated group, at position 3/],
  ['\\-', /Invalid escape, at position 1/],
  ['a{2,1}', /numbers out of order/],
  ['\\p{Unknown}', /Invalid property name, at position 10/],
];

for (const [pattern, message] of REFUSED) {
  test(`/${pattern}/ is refused with its place`, () => {
    assert.throws(
      () => compileRegex(new Expressions(), pattern),
      (error: unknown) =>
        error instanceof Gpt2Error && error.code === 'invalid-option' && message.test(error.message),
    );
  });
}

test('a lookahead that holds before every text takes no states', () => {
  const hard = '(?:\\p{L}{0,2}[^]*)*(\\B\\p{L}|.[^].)';
  for (const always of [`|${hard}`, `a*|${hard}`, `${hard}|`, `(${hard}|)*`]) {
    const make = new Expressions();
    assert.ok(compileSearch(make, `(?!${always})`).isNothing, always);
    assert.ok(accepts(compileSearch(make, `(?=${always})`), ''), always);
    assert.ok(make.size < 3000, `${always}: ${make.size}`);
  }
});

test('modifiers of groups hold inside them', () => {
  const make = new Expressions();
  const folded = compileRegex(make, '(?i:aK[σx](?-i:b))c');
  for (const text of ['akςbc', 'AKΣbc', 'aKXbc']) assert.ok(accepts(folded, text), text);
  for (const text of ['akσBc', 'akσbC', 'aksbc']) assert.not(accepts(folded, text), text);
  assert.ok(accepts(compileRegex(make, '(?s:.)'), '\n'));
  assert.not(accepts(compileRegex(make, '.'), '\n'));
});

test('the modifier i compares all characters as the flags iu do', () => {
  const all = Array.from({ length: 0x1f000 }, (_, i) => i).filter((one) => one < 0xd800 || one > 0xdfff);
  for (const source of ['[a-z]', '[^a-z]', '\\w', '\\W', '\\P{Lu}', '[^\\P{L}]', 'ß', '[ΐﬅ]']) {
    const expression = compileRegex(new Expressions(), `(?i:${source})`);
    const regex = new RegExp(`^${source}$`, 'iu');
    for (const one of all) {
      const letter = String.fromCodePoint(one);
      assert.is(accepts(expression, letter), regex.test(letter), `${source} U+${one.toString(16)}`);
    }
  }
});

test('a property that this runtime does not know is refused by name', () => {
  const pattern = '\\p{Script=Garay}';
  let isKnown = true;
  try {
    new RegExp(pattern, 'u');
  } catch {
    isKnown = false;
  }
  const compile = () => compileRegex(new Expressions(), pattern);
  if (isKnown) assert.ok(accepts(compile(), '\u{10d40}'));
  else assert.throws(compile, /this runtime's RegExp does not know \\p\{Script=Garay\}/);
});

test.run();
