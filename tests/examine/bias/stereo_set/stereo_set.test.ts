import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crowsPairs, type StereoSetCase, stereoSet } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { createWorkerModel } from '../../../../src/worker.js';
import { disposeLmModels, LM, lmModel } from '../../../support/lm_model.js';
import { near } from '../../../support/near.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';
import { fakeWorkers } from '../../../worker/fake_worker.js';

interface Golden {
  readonly cases: (Record<'stereotype' | 'antistereotype' | 'unrelated', number[]> & { scores: number[] })[];
  readonly lms: number;
  readonly ss: number;
  readonly icat: number;
}

const fakeWorker = fakeWorkers(test);
const golden: Golden = JSON.parse(readFileSync(new URL('stereoset.json', LM), 'utf8'));
const model = await lmModel([0]);

test.after(disposeLmModels);

test("StereoSet has its authors' numbers", async () => {
  const { lms, ss, icat, cases, likelihoods } = await stereoSet(model, golden.cases);
  assert.is(cases, golden.cases.length);
  near(lms.score, golden.lms, 1e-4);
  near(ss.score, golden.ss, 1e-4);
  near(icat.score, golden.icat, 1e-4);
  for (const [i, { stereotype, antistereotype, unrelated }] of likelihoods.entries()) {
    const [first, second, third] = golden.cases[i]!.scores;
    near(stereotype, first!, 1e-4);
    near(antistereotype, second!, 1e-4);
    near(unrelated, third!, 1e-4);
  }
});

test('scores are means over targets, and are counted by type of bias', async () => {
  // In every case of the golden, antistereotype > stereotype > unrelated.
  const orders: (readonly ('stereotype' | 'antistereotype' | 'unrelated')[])[] = [
    ['stereotype', 'antistereotype', 'unrelated'],
    ['antistereotype', 'stereotype', 'unrelated'],
    ['unrelated', 'antistereotype', 'stereotype'],
    ['antistereotype', 'unrelated', 'stereotype'],
  ];
  const targets = ['a', 'a', 'a', 'b'];
  const given = orders.map(([first, second, third], i): StereoSetCase => {
    const {
      [first!]: stereotype,
      [second!]: antistereotype,
      [third!]: unrelated,
    } = golden.cases[i]! as Record<string, number[]>;
    const about = { target: targets[i], biasType: i < 2 ? 'x' : 'y' };
    return { stereotype: stereotype!, antistereotype: antistereotype!, unrelated: unrelated!, ...about };
  });
  const result = await stereoSet(model, given);
  // Target a: related 2 + 2 + 1 of 6, stereotypes 1 of 3; target b: related 1 of 2, stereotypes 1 of 1.
  near(result.lms.score, (100 * (5 / 6 + 1 / 2)) / 2, 1e-9);
  near(result.ss.score, (100 * (1 / 3 + 1)) / 2, 1e-9);
  near(result.icat.score, (result.lms.score * (100 - result.ss.score)) / 50, 1e-9);
  assert.is(result.byBiasType.x!.ss.score, 50);
  assert.is(result.byBiasType.x!.lms.score, 100);
  const [low, high] = result.ss.interval!;
  assert.ok(low <= result.ss.score && result.ss.score <= high && low < high);
});

test('a sentence of one token is scored after the token that begins a text', async () => {
  const [{ stereotype, antistereotype }] = golden.cases as [Golden['cases'][0]];
  const one = stereotype.slice(0, 1);
  const { likelihoods } = await stereoSet(model, [{ stereotype: one, antistereotype, unrelated: [1, 2] }]);
  const { sum } = await model.score(one, { start: true });
  near(likelihoods[0]!.stereotype, Math.exp(sum), 1e-12);
});

test('a model in a worker gives the same', async () => {
  const given = [{ stereotype: 'He ran.', antistereotype: 'She ran.', unrelated: 'He blue.', target: 'x' }];
  const here = await loadModel(storiesTiny, { build: 'simd' });
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  assert.equal(await stereoSet(remote, given), await stereoSet(here, given));
  const pairs = [{ more: 'He ran.', less: 'She ran.' }];
  assert.equal(await crowsPairs(remote, pairs), await crowsPairs(here, pairs));
  await remote.dispose();
  here.dispose();
});

test('cases that cannot be scored are refused, and work can be stopped', async () => {
  const [given] = golden.cases;
  await thrown(() => stereoSet(model, [{ ...given!, unrelated: [] }]), 'invalid-option', 'sentence');
  await thrown(() => stereoSet(model, [{ ...given!, unrelated: [97] }]), 'invalid-option', '97');
  await thrown(() => stereoSet(model, golden.cases, { signal: AbortSignal.abort() }), 'aborted');
});

test.run();
