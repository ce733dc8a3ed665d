import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Expression } from '../../../../src/generate/constraints/expressions/expression.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileRegex, compileSearch } from '../../../../src/generate/constraints/regex/compile_regex.js';
import { accepts } from '../accepts.js';

const PATTERNS = [
  ...[
    '^',
    '$',
    '^$',
    '\\b',
    '\\B',
    '(?=)',
    '(?!)',
    '^a',
    'a$',
    '^a$',
    'a^b',
    'a$b',
    '(?:^a|b)+',
    '(?:a$|b)+',
  ],
  ...[
    '\\ba',
    'a\\b',
    '\\Ba',
    'a\\B',
    'a\\b-',
    'a-?\\bb',
    'a-?\\Bb',
    'b?a?\\b-*',
    '\\b.\\b',
    '\\B.\\B',
    '.\\b.',
  ],
  ...[
    '(?:\\ba)+',
    '(?:a\\b)+',
    '(?:a|-)*\\bb',
    '(?:\\b|a)*-',
    '(?:\\b-?)*a',
    '(?:a?-?){2}\\b',
    '(?:\\b[ab]+\\b-?)*',
  ],
  ...[
    '(?:\\Ba|b){2,3}',
    '(?:\\b|b){2,}',
    '(?:-|\\Bb|a){1,3}',
    '(?:^|a)(?:$|b)',
    '(?:a*\\b){3}',
    '(?:(?:\\ba)?-)*',
  ],
  ...[
    'a(?=b)',
    'a(?=b)c|ab',
    '(?=a)b',
    '(?:(?=a)b)+',
    'a(?=b)a|a-',
    '(?=ab)a',
    '(?=ab).{3}',
    'a(?=$)',
    'a(?!$).',
  ],
  ...[
    '(?!a)[ab]+',
    '(?:(?!ab)[ab])*',
    '(?:(?=a|-)[ab-])*',
    '(?:a(?!b)|b(?=a))+',
    '(?:(?!aa).)+',
    '(?:(?=a.*b).)*-?',
  ],
  ...[
    '(?!(?:(?=a)[ab])*-)[ab-]*',
    '(?=(?:(?!bb).)*$)a.*',
    '(?!.*(?:(?=a)..)+$).*',
    '(?:(?=(?:(?!-).)*b)[ab-])*-',
  ],
  ...[
    '(?!\\b)',
    '(?=\\ba)-?a',
    'a(?=\\b)-',
    '(?!^a)a?-',
    '(?:(?=\\b)a?-)*',
    '(?=a(?!b))a.?',
    '(?!a(?!b))a.?',
  ],
  ...[
    '(?:(?=a)a|(?=b)b|(?!a)-){2,3}',
    '(?:a(?=b)){2}',
    '(?:(?=a)){2}a',
    '(?:(?=a)|b){2}a',
    '(?:a?(?=b)){2,}b',
  ],
  ...['(?:(?=[ab]*-)(?:ab?))*-', '(?:(?!-)(?:a|ab|b-))*', '(?:a\\b-)*a', '(?:\\b(?:a|b)+\\b(?:-|$))+'],
];

/** All texts of up to four of three letters. */
const TEXTS = [''];
for (let i = 0; i < TEXTS.length; i++) {
  if (TEXTS[i]!.length < 4) TEXTS.push(...['a', 'b', '-'].map((letter) => TEXTS[i]! + letter));
}

for (const pattern of PATTERNS) {
  test(`/${pattern}/ is exact on all short texts, and its states have no dead ends`, () => {
    const whole = compileRegex(new Expressions(), pattern);
    const search = compileSearch(new Expressions(), pattern);
    for (const text of TEXTS) {
      assert.is(accepts(whole, text), new RegExp(`^(?:${pattern})$`, 'u').test(text), `whole ${text}`);
      assert.is(accepts(search, text), new RegExp(pattern, 'u').test(text), `found in ${text}`);
    }
    for (const expression of [whole, search]) if (!expression.isNothing) assert.is(deadEnds(expression), 0);
  });
}

/** The number of states from which no text can end. */
function deadEnds(expression: Expression): number {
  const before = new Map<Expression, Expression[]>([[expression, []]]);
  for (const state of before.keys()) {
    for (const byte of state.partition.starts.slice(0, -1)) {
      const next = state.step(byte);
      if (next.isNothing) continue;
      assert.ok(before.size < 2000, 'the states do not end');
      before.set(next, [...(before.get(next) ?? []), state]);
    }
  }
  const alive = new Set([...before.keys()].filter((state) => state.isNullable));
  for (const state of alive) for (const earlier of before.get(state)!) alive.add(earlier);
  return before.size - alive.size;
}

const ENDLESS = [
  '(?:(?=.*foo).)*',
  '(?:(?!.*foo).)*x?',
  '(?:(?=[ab]*(?:a|ba)$)[ab])*',
  '(?:(?!(?:(?=a.*b).)*c).)*',
  '(?:(?=.*\\bfoo\\b)(?!.*bar\\b).)+$',
];

for (const pattern of ENDLESS) {
  test(`/${pattern}/ does not make more states for longer texts`, () => {
    const make = new Expressions();
    const expression = compileRegex(make, pattern);
    const text = 'abc foo bar '.repeat(20);
    accepts(expression, text);
    const { size } = make;
    accepts(expression, text.repeat(20));
    assert.is(make.size, size);
  });
}

test('counts that touch are joined, others are not', () => {
  for (const pattern of ['a{1,2}|a{4,5}', 'a|a{3}|a{5}', '(?:a|b{1,2})(?:b{3}|c)', 'a{0,2}a{4,5}|a{2}']) {
    const expression = compileRegex(new Expressions(), pattern);
    for (const text of [...'0123456789'].flatMap((n) =>
      ['a', 'b', 'ab'].map((one) => one.repeat(Number(n))),
    )) {
      assert.is(
        accepts(expression, text),
        new RegExp(`^(?:${pattern})$`, 'u').test(text),
        `${pattern} ${text}`,
      );
    }
  }
});

test.run();
