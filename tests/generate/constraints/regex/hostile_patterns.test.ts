import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileRegex, compileSearch } from '../../../../src/generate/constraints/regex/compile_regex.js';
import { accepts } from '../accepts.js';

// Each of these takes hours, or all memory, where patterns are matched by backtracking or written out as automata.
const ENDING: readonly [pattern: string, text: string, isWhole: boolean, isFound: boolean][] = [
  ['(a*)*b', 'a'.repeat(30_000), false, false],
  ['(a|a)*b', 'a'.repeat(30_000), false, false],
  ['(a|aa)+$', 'a'.repeat(30_000), true, true],
  ['(x+x+)+y', 'x'.repeat(30_000), false, false],
  ['(.*)*=.*', 'x'.repeat(30_000), false, false],
  ['(\\w+\\s?)*\\s?$', `${'word '.repeat(5000)}!`, false, true],
  ['(?!(?:a|b|ab)*c)(?:a|b|c)*', 'ab'.repeat(10_000), true, true],
  ['(a{1,300}){1,300}', 'a'.repeat(3000), true, true],
  ['((a{0,40}){0,40}){0,40}', 'a'.repeat(3000), true, true],
  ['[a-z]{0,1000}[a-z]{0,1000}', 'a'.repeat(2000), true, true],
  ['.*a.{20}', 'ab'.repeat(3000), false, true],
  ['[ab]*a[ab]{1000}', 'aab'.repeat(1000), true, true],
  ['(?:.*,){0,11}P', '1,2,3,4,5,6,7,8,9,10,11,12'.repeat(100), false, false],
  ['(?:(?=.*foo).)*', 'foo'.repeat(1000), false, true],
  ['a?'.repeat(20_000), 'a'.repeat(2000), true, true],
  [`(?:${'a?'.repeat(5000)})*`, 'a'.repeat(2000), true, true],
  [`${'('.repeat(200)}a${')*'.repeat(200)}`, 'a'.repeat(20), true, true],
  [`${'(?:'.repeat(190)}\\ba${')*'.repeat(190)}`, 'aa', false, true],
  [`${'(?!a'.repeat(190)}${')'.repeat(190)}`, 'b', false, true],
  ['a'.repeat(90_000), 'a'.repeat(90_000), true, true],
  ['^|(?:$.?|\\d(?:a)aa*|a{1,}?[a]?|){1,300}$', 'a'.repeat(300), true, true],
  [`${named('n', 6)}|${named('n', 6)}`, 'b', false, false],
];

/** A group with a name, within others. */
function named(name: string, depth: number): string {
  return `${'('.repeat(depth - 1)}(?<${name}>a)${')'.repeat(depth - 1)}`;
}

for (const [pattern, text, isWhole, isFound] of ENDING) {
  test(`/${pattern.slice(0, 40)}/ ends`, () => {
    assert.is(accepts(compileRegex(new Expressions(), pattern), text), isWhole);
    if (pattern.length < 50_000) assert.is(accepts(compileSearch(new Expressions(), pattern), text), isFound);
  });
}

/** Names of the same property, and of values. */
const PROPERTIES = ['sc', 'scx', 'Script', 'Script_Extensions'];
const SCRIPTS =
  'Arab Arabic Armn Armenian Beng Bengali Cyrl Cyrillic Deva Devanagari Ethi Ethiopic Geor Georgian'
    .split(' ')
    .concat(
      'Grek Greek Gujr Gujarati Guru Gurmukhi Hang Hangul Hani Han Hebr Hebrew Hira Hiragana'.split(' '),
    );

const TOO_LARGE: readonly [pattern: string, message: RegExp][] = [
  ['a{1000000}', /repetitions stand for more than 100000 characters; use smaller numbers, at position 0/],
  ['x((a{1,1000}){1,1000}){1,1000}', /more than 100000 characters; use smaller numbers, at position 2/],
  ['a{99999999999999999999}', /more than 100000 characters/],
  ['(?:\\ba|(?=b)b){0,20000}', /more than 100000 characters/],
  [
    PROPERTIES.flatMap((a) => SCRIPTS.map((b) => `\\p{${a}=${b}}`)).join(''),
    /more than 100 different Unicode properties/,
  ],
  ['a'.repeat(100_001), /has 100001 characters, which is more than 100000/],
  ['('.repeat(50_000), /groups are nested more than 200 deep, at position 200/],
  [
    `${named('n', 14)}|${named('\\u006e', 14)}`,
    /groups of one name are nested more than 6 deep, at position 47/,
  ],
  [Array(300).fill('(?<n>a)').join('|'), /more than 200 groups have one name, at position 1600/],
  // The least common multiple of the lengths is in the millions.
  [`${[7, 11, 13, 17, 19, 23].map((n) => `(?=(?:.{${n}})*$)`).join('')}a+`, /more than 6000 states/],
];

for (const [pattern, message] of TOO_LARGE) {
  test(`/${pattern.slice(0, 40)}/ is refused`, () => {
    for (const compile of [compileRegex, compileSearch]) {
      assert.throws(
        () => compile(new Expressions(), pattern),
        (error: unknown) =>
          error instanceof Gpt2Error && error.code === 'invalid-option' && message.test(error.message),
      );
    }
  });
}

test('an intersection whose states double with each character is refused while a text is matched', () => {
  const expression = compileRegex(new Expressions(), '(?:(?=.*a.{12}b)(?!.*c.{9}d).)*');
  assert.throws(() => accepts(expression, 'abcd'.repeat(300)), /more than 6000 states/);
});

test.run();
