import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkBacktracking } from '../../../../src/examine/evaluation/metrics/check_backtracking.js';
import { expression } from '../../../../src/examine/evaluation/metrics/expression.js';
import { thrown } from '../../../support/thrown.js';

/** Patterns of lm-evaluation-harness, and others that end soon. */
const FAST = [
  '#### (\\-?[0-9\\.\\,]+)',
  '(-?[$0-9.,]{2,})|(-?[0-9]+)',
  '((?<=The answer is )(.*)(?=.)|(?<=answer is )(.*)(?=.)|(?<=The answer: )(.*)(?=.))',
  '(?:[Tt]he answer is|answer:) *\\(?([A-J])\\)?',
  '.*[aA]nswer:\\s*([A-J])',
  '([0-9]+(?:,[0-9]{3})*(?:\\.[0-9]+)?)$',
  '(?:foo|bar|baz)+!',
  '(\\d+,?)+',
  '\\\\boxed\\{((?:[^{}]|\\{[^{}]*\\})*)\\}',
  '^(?:[^"\\\\]|\\\\.)*"$',
  '(a{1,3}){1,4}b',
  '(a?){1,30}b',
  '(?=(\\d+,?)+)x',
  '(?:[0-9]|,|\\.|%){1,10} (?:yes|no|maybe|never)',
  '.*answer.*is.*(\\d)',
];

const SLOW = [
  '(a+)+b',
  '(a*)*b',
  '(a|a)*b',
  '(a|aa)+$',
  '([ab]|[bc])*d',
  '(\\d+,?)+$',
  '(?:\\w+\\s?)*\\.',
  '(.*,)*x',
  'x(?=(a+)+b)',
  '(?:a?){30}b',
];

/** Without a loop, but with very many ways to match, or too large to be checked. */
const LARGE = [
  '(?:a{1,300}){1,300}b',
  `${'a?'.repeat(40)}b`,
  `${'(?:a|a)'.repeat(40)}b`,
  '(?:(?:a?){16}){16}b',
  `${'a{0,999}'.repeat(3)}b`,
  `(?:${Array.from({ length: 900 }, (_, i) => `w${i}`).join('|')})+!`,
  'a'.repeat(9000),
];

/** An answer as models write them. */
const ANSWER =
  'She sells 16 - 3 - 4 = 9 eggs a day, "at $2" each:\n\n  she makes 9 * 2 = $18.\n#### 18 '.repeat(30);

for (const pattern of FAST) {
  test(`/${pattern}/ is taken, also for long answers`, () => {
    assert.ok(checkBacktracking(pattern, '').mostSteps(ANSWER) < 1e8);
    expression(pattern, 'x', ANSWER);
  });
}

test('steps are those of loops that divide the same text among them', () => {
  const steps = (pattern: string, text: string) => checkBacktracking(pattern, 'u').mostSteps(text);
  for (const [pattern, text, expected] of [
    ['ab', 'xxxxx', 5],
    ['a*b', 'caaab', 5 * 3],
    ['a*b', 'ccc', 3],
    ['a*', 'aaaa', 4],
    ['a*a*b', 'aaaa', 4 ** 3],
    ['a*,a*b', 'aa,aa', 5 * 2],
    ['.*,.*b', 'aa,aa', 5 * 5],
    ['.*,.*b', ',,,,', 4 ** 3],
    ['(a*|c*)b*d', 'aaacc', 5 * 3],
    ['\\s*(.*?)\\s*$', 'a  b c', 6 * 2 * 6],
    ['a(?=.*b)c*d', 'acc', 3 * 2 * 3],
    ['(?:a+b)+c', 'ababab', 6 * 6],
  ] as const)
    assert.is(steps(pattern, text), expected, pattern);
});

test('an answer that may take hours is refused at once', async () => {
  const run = 'a'.repeat(300);
  for (const pattern of ['a*a*a*a*a*a*a*b', `${'.*'.repeat(8)}x`, '(?=a*a*a*a*b)a', '(a+)(a+)(a+)(a+)b']) {
    expression(pattern, 'x', 'in short');
    await thrown(() => expression(pattern, 'x has', run), 'invalid-file', 'on a text of 300 characters');
  }
});

for (const pattern of SLOW) {
  test(`/${pattern}/ is refused`, () => assert.throws(() => checkBacktracking(pattern, 'u'), /time doubles/));
}

for (const pattern of LARGE) {
  test(`/${pattern.slice(0, 40)}/ is refused`, () =>
    assert.throws(() => checkBacktracking(pattern, 'u'), /too many|more than 2000/));
}

test('flags are heeded, and a task file with such an expression is refused with its place', async () => {
  assert.is(checkBacktracking('(a|A)*b', '').mostSteps('aA'), 4);
  assert.throws(() => checkBacktracking('(a|A)*b', 'i'), /time doubles/);
  await thrown(() => expression('(?i)(a|A)*b', 'x has the regex_pattern'), 'invalid-file', 'time doubles');
  assert.equal('#### 1,200'.match(expression('#### (\\-?[0-9\\.\\,]+)', 'x'))?.[0], '#### 1,200');
});

test.run();
