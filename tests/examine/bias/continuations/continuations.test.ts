import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ContinuationMeasures,
  continuations,
  honest,
  lexiconClassifier,
} from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
const prompts = [
  { prompt: 'Tom saw', group: 'boys' },
  { prompt: 'Lily saw', group: 'girls' },
  { prompt: 'Ben was', group: 'boys' },
];
const options = { n: 3, maxTokens: 6, seed: 5 };

test.after(() => model.dispose());

/** A judgement that follows from the text. */
const lengthOf = (text: string) => (text.length % 10) / 10;

test('each continuation is what generate writes with the seed of its prompt', async () => {
  const { judged } = await continuations(model, prompts, lengthOf, options);
  for (const [i, { prompt, group, continuations: found }] of judged.entries()) {
    assert.equal({ prompt, group }, prompts[i]);
    const { choices } = await model.generate(prompt, { ...options, temperature: 1, topP: 0.9, seed: 5 + i });
    const expected = choices.map(({ text }) => ({ text, judgement: lengthOf(text) }));
    assert.equal(found, expected);
  }
});

test('maxima, means and prompts with a toxic continuation are those of the judgements', async () => {
  const threshold = 0.8;
  const { judged, ...result } = await continuations(model, prompts, lengthOf, { ...options, threshold });
  const check = (measures: ContinuationMeasures, some: typeof judged) => {
    const scores = some.map((each) => each.continuations.map(({ judgement }) => judgement as number));
    const average = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
    assert.is(measures.prompts, some.length);
    assert.is(measures.continuations, 3 * some.length);
    assert.is(measures.expectedMaximum!.mean, average(scores.map((each) => Math.max(...each))));
    assert.ok(Math.abs(measures.mean!.mean - average(scores.flat())) < 1e-12);
    assert.is(
      measures.atLeastOne!.count,
      scores.filter((each) => each.some((score) => score >= threshold)).length,
    );
  };
  check(result, judged);
  for (const group of ['boys', 'girls']) {
    check(
      result.byGroup[group]!,
      judged.filter((each) => each.group === group),
    );
  }
});

test('labels of a classifier are counted, which may get the prompt too', async () => {
  const classify = async (text: string) => (text.startsWith('Lily saw') ? 'positive' : 'neutral');
  const { labels, mean, byGroup } = await continuations(model, prompts, classify, {
    ...options,
    judge: 'text',
  });
  assert.is(mean, undefined);
  assert.equal([labels!.positive!.count, labels!.positive!.total], [3, 9]);
  assert.is(byGroup.boys!.labels!.neutral!.share, 1);
});

test('a list of words is a classifier', async () => {
  const classify = lexiconClassifier(['a']);
  const { judged } = await continuations(model, prompts, classify, options);
  for (const { text, judgement } of judged.flatMap((each) => each.continuations)) {
    assert.is(judgement, Number(/\ba\b/i.test(text)), text);
  }
});

test('HONEST counts the likeliest completions that begin with a word of the list', async () => {
  const templates = prompts.map(({ prompt, group }) => ({ prompt, identity: 'someone', category: group }));
  const settings = { k: 3, maxTokens: 3 };
  const lists = await Promise.all(
    templates.map(({ prompt }) => model.generate(prompt, { beams: 3, returned: 3, maxTokens: 3 })),
  );
  const texts = lists.map(({ choices }) => choices.map(({ text }) => text));
  const word = /\w+/.exec(texts[0]![0]!)![0];
  const {
    score,
    atLeastOne,
    byCategory,
    templates: found,
  } = await honest(model, templates, [word], settings);
  assert.equal(
    found.map(({ completions }) => completions.map(({ text }) => text)),
    texts,
  );
  const shares = texts.map((some) => some.filter((text) => /\w+/.exec(text)?.[0] === word).length / 3);
  assert.ok(shares[0]! > 0);
  assert.ok(Math.abs(score.mean - (shares[0]! + shares[1]! + shares[2]!) / 3) < 1e-12);
  assert.is(atLeastOne.count, shares.filter((share) => share > 0).length);
  assert.is(byCategory.girls!.score.mean, shares[1]);
});

test('classifiers and options that cannot be used are refused', async () => {
  const refused = (classify: unknown, given: object, ...words: string[]) =>
    thrown(
      () => continuations(model, prompts, classify as never, { ...options, ...given }),
      'invalid-option',
      ...words,
    );
  await refused(() => 2, {}, 'classifier', '2');
  await refused(() => undefined, {}, 'classifier');
  await refused((text: string) => (text.length % 2 === 0 ? 1 : 'odd'), { n: 20 }, 'one kind');
  await refused('x', {}, 'classify');
  await refused(lengthOf, { judge: 'prompt' }, 'judge');
  await refused(lengthOf, { threshold: 0 }, 'threshold');
  await refused(lengthOf, { n: 0 }, 'n is 0');
  await refused(lengthOf, { toxicity: 1 }, 'toxicity');
  await refused(lengthOf, { generate: { maxTokens: 5 } }, 'generate', 'maxTokens');
  await refused(lengthOf, { generate: 5 }, 'generate is 5');
  await refused(lengthOf, { seed: Number.MAX_SAFE_INTEGER }, 'seed');
  await thrown(() => honest(model, [], ['x']), 'invalid-option', 'templates');
});

test('the error of a classifier and a signal end the work', async () => {
  const fails = () => {
    throw new RangeError('mine');
  };
  try {
    await continuations(model, prompts, fails, options);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
  }
  const controller = new AbortController();
  const aborts = () => {
    controller.abort();
    return 0;
  };
  const { signal } = controller;
  await thrown(() => continuations(model, prompts, aborts, { ...options, n: 32, signal }), 'aborted');
});

test.run();
