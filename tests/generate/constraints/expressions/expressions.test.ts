import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { holds } from '../../../support/property.js';
import { build, endsOf, plans, stateAfter, textsUpTo } from '../../../support/random_expression.js';
import { thrown } from '../../../support/thrown.js';

const TEXTS = textsUpTo(5);

test('expressions match what the reference implementation matches', async () => {
  const check = async (plan: Parameters<typeof endsOf>[0]) => {
    const make = new Expressions();
    const start = build(make, plan);
    for (const text of TEXTS) {
      const matches = endsOf(plan, text, 0).has(text.length);
      assert.is(stateAfter(start, text).isNullable, matches, `${text} ${JSON.stringify(plan)}`);
    }
  };
  await holds('expressions', plans, check, 300);
});

test('a state that can be reached leads to a match, or is the one that matches nothing', async () => {
  const check = async (plan: Parameters<typeof endsOf>[0]) => {
    const make = new Expressions();
    const start = build(make, plan);
    for (const text of textsUpTo(3)) {
      const state = stateAfter(start, text);
      if (state.isNothing) continue;
      assert.not(make.isNothing(state), `after ${text}: ${JSON.stringify(plan)}`);
    }
  };
  await holds('dead ends', plans, check, 300);
});

test('equal parts give the same expression', () => {
  const make = new Expressions();
  const [a, b] = [make.literal('a'), make.literal('bc')];
  assert.is(make.choice([a, b, a]), make.choice([b, a]));
  assert.is(make.sequence(make.sequence(a, b), a), make.sequence(a, make.sequence(b, a)));
  assert.is(make.choice([make.choice([a, b]), make.literal('d')]), make.choice([a, b, make.literal('d')]));
  assert.is(make.sequence(a, make.empty), a);
  assert.is(make.sequence(a, make.nothing), make.nothing);
  assert.is(make.not(make.not(a)), a);
});

test('a rule can contain itself', () => {
  const make = new Expressions();
  const nested = make.rule('nested', true, () =>
    make.optional(make.sequence(make.literal('('), nested, make.literal(')'), nested)),
  );
  const start = make.repeat(nested, 2, 3);
  for (const text of ['', '()', '(())()', '(((((())))))()'])
    assert.ok(stateAfter(start, text).isNullable, text);
  for (const text of ['(', '(()', '())']) assert.not(stateAfter(start, text).isNullable, text);
});

test('a list of too many texts is refused before anything is made of them; doubles do not count', async () => {
  const make = new Expressions();
  const texts = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`);
  const before = make.size;
  for (const wrong of [texts(20_001), texts(200_000)])
    await thrown(() => make.literals(wrong), 'invalid-option', /more than 20000 alternatives/);
  assert.is(make.size, before);
  const twice = make.literals([...texts(300), ...texts(300)]);
  assert.is(twice, make.literals(texts(300)));
  assert.ok(stateAfter(twice, 'text 299').isNullable);
});

test('an expression with too many states is refused', async () => {
  const make = new Expressions();
  const letter = make.oneOf([97, 98]);
  const late = (length: number) =>
    make.sequence(make.anything, make.literal('a'), make.repeat(letter, length, length));
  await thrown(
    () => make.isNothing(make.both([late(40), make.not(late(40))])),
    'invalid-option',
    'too complex',
  );
});

test('what was forgotten is made again', () => {
  const make = new Expressions();
  const start = make.repeat(make.choice([make.literal('ab'), make.literal('c')]), 1);
  const state = stateAfter(start, 'abca');
  make.forget();
  assert.ok(stateAfter(state, 'bcab').isNullable);
  assert.not(stateAfter(state, 'cab').isNullable);
});

test.run();
