import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CrowsPair,
  crowsPairs,
  minimalPairs,
  type WinoBiasPair,
  type WinogenderSentence,
  winoBias,
  winogender,
} from '../../../../src/examine.js';
import { disposeLmModels, LM, lmModel } from '../../../support/lm_model.js';
import { near } from '../../../support/near.js';
import { thrown } from '../../../support/thrown.js';

interface Golden {
  readonly cases: {
    readonly more: number[];
    readonly less: number[];
    readonly logprob_more: number;
    readonly logprob_less: number;
  }[];
  readonly likelihood_diff: number;
  readonly pct_stereotype: number;
}

const golden: Golden = JSON.parse(readFileSync(new URL('crows.json', LM), 'utf8'));
const model = await lmModel([0]);
const halfOf = (i: number) => (i < 5 ? 'first' : 'second');
const pairs: CrowsPair[] = golden.cases.map(({ more, less }, i) => ({
  ...{ more, less, category: halfOf(i) },
  direction: i % 2 === 0 ? 'stereo' : 'antistereo',
}));

test.after(disposeLmModels);

test("CrowS-Pairs has the numbers of EleutherAI's harness", async () => {
  const result = await crowsPairs(model, pairs);
  near(result.likelihoodDifference.mean, golden.likelihood_diff, 1e-4);
  assert.is(result.stereotype.share, golden.pct_stereotype);
  for (const [i, { more, less }] of result.scores.entries()) {
    near(more, golden.cases[i]!.logprob_more, 1e-4, `more of ${i}`);
    near(less, golden.cases[i]!.logprob_less, 1e-4, `less of ${i}`);
  }
});

test('CrowS-Pairs are counted by category and direction', async () => {
  const result = await crowsPairs(model, pairs);
  for (const half of ['first', 'second']) {
    const cases = golden.cases.filter((_, i) => halfOf(i) === half);
    const more = cases.filter((each) => each.logprob_more > each.logprob_less).length;
    const { stereotype, likelihoodDifference } = result.byCategory[half]!;
    assert.equal([stereotype.count, stereotype.total], [more, 5]);
    const differences = cases.map((each) => Math.abs(each.logprob_more - each.logprob_less));
    near(likelihoodDifference.mean, differences.reduce((a, b) => a + b) / 5, 1e-4);
    const [low, high] = likelihoodDifference.interval!;
    assert.ok(low < likelihoodDifference.mean && likelihoodDifference.mean < high);
  }
  assert.equal(Object.keys(result.byDirection), ['stereo', 'antistereo']);
  assert.is(result.byDirection.stereo!.stereotype.total, 5);
});

test('minimal pairs count the likelier good sentences', async () => {
  const given = golden.cases.map(({ more, less }, i) => ({ good: less, bad: more, paradigm: halfOf(i) }));
  const { accuracy, byParadigm, byPhenomenon, scores } = await minimalPairs(model, given);
  assert.is(accuracy.count, golden.cases.filter((each) => each.logprob_less > each.logprob_more).length);
  assert.is(byParadigm.first!.accuracy.total, 5);
  assert.equal(Object.keys(byPhenomenon), []);
  near(scores[3]!.good, golden.cases[3]!.logprob_less, 1e-4);
});

test('WinoBias compares the sentences of each gender and occupation', async () => {
  const given: WinoBiasPair[] = golden.cases.map(({ more, less }, i) => ({
    ...{ pro: more, anti: less, occupation: halfOf(i) },
    gender: i % 2 === 0 ? 'male' : 'female',
  }));
  const { difference, stereotype, byGender, byOccupation } = await winoBias(model, given);
  const differences = golden.cases.map((each) => each.logprob_more - each.logprob_less);
  near(difference.mean, differences.reduce((a, b) => a + b) / 10, 1e-4);
  assert.is(stereotype.count, differences.filter((each) => each > 0).length);
  const ofMale = differences.filter((_, i) => i % 2 === 0);
  near(byGender.male!.difference.mean, ofMale.reduce((a, b) => a + b) / 5, 1e-4);
  assert.is(byOccupation.second!.stereotype.total, 5);
});

/** Sentences of Winogender whose female and male texts are those of the golden's pairs. */
const sentences = golden.cases.flatMap(({ more, less }, i): WinogenderSentence[] => {
  const about = i % 2 === 0 ? 'occupation' : 'participant';
  const shared = { occupation: `job ${i >> 1}`, participant: 'someone', about } as const;
  return [
    { ...shared, gender: 'male', text: less },
    { ...shared, gender: 'neutral', text: [1] },
    { ...shared, gender: 'female', text: more },
  ];
});

test('Winogender compares genders, and correlates occupations with statistics', async () => {
  const percents = [70, 5, 30, 95, 20];
  const percentFemale = new Map([
    ...percents.map((percent, i) => [`job ${i}`, percent] as const),
    ['another', 3] as const,
  ]);
  const { female, difference, byAbout, byOccupation, correlation } = await winogender(model, sentences, {
    percentFemale,
  });
  const differences = golden.cases.map((each) => each.logprob_more - each.logprob_less);
  assert.equal([female.count, female.total], [differences.filter((each) => each > 0).length, 10]);
  near(difference.mean, differences.reduce((a, b) => a + b) / 10, 1e-4);
  assert.is(byAbout.participant!.difference.count, 5);
  const ofOccupation = differences.filter((_, i) => i % 2 === 0);
  for (const [i, each] of ofOccupation.entries()) near(byOccupation[`job ${i}`]!.difference.mean, each, 1e-4);
  near(correlation!.value, pearson(ofOccupation, percents), 1e-4);
  assert.is(correlation!.occupations, 5);
});

function pearson(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  const sum = (of: (i: number) => number) => a.reduce((total, _, i) => total + of(i), 0);
  const [sumA, sumB] = [sum((i) => a[i]!), sum((i) => b[i]!)];
  const top = n * sum((i) => a[i]! * b[i]!) - sumA * sumB;
  const below = (values: readonly number[], total: number) => n * sum((i) => values[i]! ** 2) - total ** 2;
  return top / Math.sqrt(below(a, sumA) * below(b, sumB));
}

test('the same seed gives the same intervals, and progress counts sentences', async () => {
  const seen: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => seen.push(done, total);
  const first = await crowsPairs(model, pairs, { seed: 3, onProgress });
  assert.equal(seen, Array.from({ length: 20 }, (_, i) => [i + 1, 20]).flat());
  assert.equal(await crowsPairs(model, pairs, { seed: 3 }), first);
});

test('lists and options that cannot be used are refused, and work can be stopped', async () => {
  await thrown(() => crowsPairs(model, []), 'invalid-option', 'pairs');
  await thrown(() => crowsPairs(model, ['a'] as never), 'invalid-option', 'pairs[0]');
  await thrown(() => crowsPairs(model, pairs, { sed: 1 } as object), 'invalid-option', 'seed');
  const many = Array.from({ length: 70 }, () => ({ good: [1], bad: [2] }));
  const last = { good: [1], bad: [97] };
  await thrown(() => minimalPairs(model, [...many, last]), 'invalid-option', /^sentence 141: .* 97/);
  for (const empty of ['', [], undefined as never]) {
    await thrown(() => crowsPairs(model, [{ more: [1], less: empty }]), 'invalid-option', /^sentence 1 is/);
  }
  await thrown(() => winogender(model, sentences, { percentFemale: {} as never }), 'invalid-option', 'map');
  const [alone] = sentences;
  await thrown(() => winogender(model, [alone!]), 'invalid-option', 'female');
  await thrown(() => winogender(model, [{ ...alone!, gender: 'neutral' }]), 'invalid-option', 'pronoun');
  const signal = AbortSignal.abort();
  await thrown(() => winoBias(model, [{ pro: [1], anti: [2] }], { signal }), 'aborted');
});

test.run();
