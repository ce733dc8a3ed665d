import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../src/index.js';
import { loglikelihoodCases as cases } from '../support/loglikelihood_cases.js';
import { freshSeed } from '../support/property.js';
import { randomSource } from '../support/random.js';
import { thrown } from '../support/thrown.js';

const folder = new URL('../fixtures/lm/', import.meta.url);
const lm = await loadModel(fileURLToPath(folder), { build: 'simd' });
const stories = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => {
  lm.dispose();
  stories.dispose();
});

test("continuations are measured as EleutherAI's harness measures them", async () => {
  const found = await Promise.all(
    cases.map(({ context, continuation }) => lm.loglikelihood(context, continuation)),
  );
  for (const [i, { logprob, tokenLogprobs, isGreedy }] of found.entries()) {
    const expected = cases[i]!;
    assert.ok(Math.abs(logprob - expected.logprob) < 1e-4, `case ${i}: ${logprob}, ${expected.logprob}`);
    assert.is(tokenLogprobs.length, expected.token_logprobs.length);
    for (const [at, value] of expected.token_logprobs.entries()) {
      assert.ok(Math.abs(tokenLogprobs[at]! - value) < 1e-4, `case ${i}, token ${at}`);
    }
    assert.is(isGreedy, expected.is_greedy, `case ${i}`);
  }
});

test('a text is measured as the text of both, with white space given to the continuation', async () => {
  const { tokenizer } = stories;
  const whole = tokenizer.encode('Lily was sad. Then she found');
  const length = tokenizer.encode('Lily was sad.').length;
  const byIds = await stories.loglikelihood(whole.slice(0, length), whole.slice(length));
  assert.equal(await stories.loglikelihood('Lily was sad.', ' Then she found'), byIds);
  assert.equal(await stories.loglikelihood('Lily was sad. ', 'Then she found'), byIds);
  const { text } = await stories.generate('Lily was sad.', { temperature: 0, maxTokens: 6 });
  assert.ok((await stories.loglikelihood('Lily was sad.', text)).isGreedy);
});

test('a continuation is what a score from its first token on gives', async () => {
  const random = randomSource(freshSeed('continuations'));
  const { contextLength, vocabSize } = lm.config;
  for (let round = 0; round < 20; round++) {
    const ids = Array.from({ length: 2 + random.below(contextLength) }, () => random.below(vocabSize));
    const from = 1 + random.below(ids.length - 1);
    const { logprob, tokenLogprobs } = await lm.loglikelihood(ids.slice(0, from), ids.slice(from));
    const score = await lm.score(ids, { start: false, from });
    assert.equal(tokenLogprobs, score.logprobs);
    assert.is(logprob, score.sum);
    const all = await lm.score(ids, { start: false });
    assert.equal(score.entropy, all.entropy.slice(from - 1));
    assert.equal(score.variance, all.variance.slice(from - 1));
  }
});

test('continuations that cannot be measured are refused', async () => {
  const tooMany = new Array(lm.config.contextLength + 1).fill(1);
  await thrown(() => lm.loglikelihood([1], []), 'invalid-option', 'continuation');
  await thrown(() => lm.loglikelihood([1], tooMany), 'context-full', 'shorten');
  await thrown(() => lm.loglikelihood([1], [97]), 'invalid-option', '97');
  await thrown(() => lm.loglikelihood('a', [1]), 'not-found');
  await thrown(() => lm.loglikelihood([1], [1], { stride: 3 } as object), 'invalid-option', 'stride');
});

test.run();
