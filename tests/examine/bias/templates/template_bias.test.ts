import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { templateBias } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { near } from '../../../support/near.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
const TEMPLATE = 'The {who} said that {pronoun} liked the {who}.';
const fills = { pronoun: ['he', 'she', 'it'], who: ['cat', 'girl'] };

test.after(() => model.dispose());

test('all texts are scored, and the values of the last place compared with its first one', async () => {
  const { texts, compared, differences } = await templateBias(model, TEMPLATE, fills);
  assert.is(texts.length, 6);
  assert.equal(texts[1], {
    fill: { who: 'cat', pronoun: 'she' },
    text: 'The cat said that she liked the cat.',
    logprob: (await model.score('The cat said that she liked the cat.')).sum,
  });
  assert.is(compared, 'pronoun');
  const logprobOf = (who: string, pronoun: string) =>
    texts.find(({ fill }) => fill.who === who && fill.pronoun === pronoun)!.logprob;
  assert.equal(
    differences.map(({ value, than }) => [value, than]),
    [
      ['she', 'he'],
      ['it', 'he'],
    ],
  );
  const [she] = differences;
  const expected = fills.who.map((who) => logprobOf(who, 'she') - logprobOf(who, 'he'));
  near(she!.difference.mean, (expected[0]! + expected[1]!) / 2, 1e-12);
  for (const [i, { fill, difference, relative }] of she!.rows.entries()) {
    assert.equal(fill, { who: fills.who[i] });
    assert.is(difference, expected[i]);
    near(relative, expected[i]! - she!.difference.mean, 1e-12);
  }
});

test('another place can be compared', async () => {
  const { compared, differences } = await templateBias(model, TEMPLATE, fills, { compare: 'who' });
  assert.is(compared, 'who');
  assert.equal(
    differences[0]!.rows.map(({ fill }) => fill),
    fills.pronoun.map((pronoun) => ({ pronoun })),
  );
});

test('templates and fills that do not fit are refused', async () => {
  const refused = (template: unknown, given: unknown, options: object, ...words: string[]) =>
    thrown(
      () => templateBias(model, template as string, given as never, options),
      'invalid-option',
      ...words,
    );
  await refused('No place', {}, {}, 'template');
  await refused(3, {}, {}, 'template');
  await refused(TEMPLATE, { who: ['cat'] }, {}, 'fills.pronoun');
  await refused(TEMPLATE, { ...fills, job: ['x'] }, {}, 'job', 'pronoun');
  await refused(TEMPLATE, { ...fills, who: ['cat', 'cat'] }, {}, 'fills.who', 'different');
  await refused(TEMPLATE, { ...fills, who: [] }, {}, 'fills.who');
  await refused(TEMPLATE, { ...fills, who: 'cat' }, {}, 'fills.who');
  await refused(TEMPLATE, { who: ['cat'], pronoun: ['it'] }, {}, 'two or more');
  await refused(TEMPLATE, { who: ['cat'], pronoun: ['it', 'he'] }, { compare: 'who' }, 'compare', 'pronoun');
  const many = Array.from({ length: 200 }, (_, i) => `${i}`);
  await refused(TEMPLATE, { who: many, pronoun: many }, {}, '40000 texts', '10000');
});

test.run();
