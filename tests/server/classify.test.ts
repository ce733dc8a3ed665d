import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { continuations } from '../../src/examine.js';
import { loadModel } from '../../src/index.js';
import { createHandler } from '../../src/server.js';
import { storiesWithHeads } from '../support/heads.js';
import { ask } from '../support/serving.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const plain = await loadModel(storiesTiny, { build: 'simd' });
const { channels } = plain.config;
const judge = await loadModel(
  storiesWithHeads({ 'score.weight': [2, channels] }, { id2label: { 0: 'calm', 1: 'wild' } }),
  { build: 'simd' },
);
const handler = createHandler({ models: { judge, plain } });
test.after(async () => {
  await handler.close();
  judge.dispose();
  plain.dispose();
});

test('/v1/classify answers as vLLM does, with the numbers of the library', async () => {
  const texts = ['A cat sat.', 'The dog'];
  const expected = await judge.classify(texts);
  const { status, body } = await ask(handler, '/v1/classify', { model: 'judge', input: texts });
  assert.is(status, 200);
  const { id, object, created, model, data, usage } = body;
  assert.equal([object, model, typeof created], ['list', 'judge', 'number']);
  assert.match(id, /^classify-/);
  assert.equal(
    data,
    expected.map(({ label, scores }, index) => ({
      ...{ index, label, probs: scores.map(({ score }) => score), num_classes: 2, labels: ['calm', 'wild'] },
    })),
  );
  const count = texts.reduce((sum, text) => sum + judge.tokenizer.encode(text).length, 0);
  assert.equal(usage, { prompt_tokens: count, total_tokens: count, completion_tokens: 0 });
  const one = await ask(handler, '/v1/classify', {
    model: 'judge',
    input: judge.tokenizer.encode(texts[1]!),
  });
  assert.equal(one.body.data[0].probs, data[1].probs);
  const wrong = await ask(handler, '/v1/classify', { model: 'plain', input: 'a' });
  assert.is(wrong.status, 400);
  assert.match(wrong.body.error.message, 'no head for sequence classification');
});

test('a filter and a measure of bias take a model with a head as their classifier', async () => {
  const prompt = 'Once upon a time';
  const options = { maxTokens: 30, seed: 4 };
  const { text } = await plain.generate(prompt, options);
  for (const [threshold, isFound] of [
    [1e-9, true],
    [1, false],
  ] as const) {
    const classifier = { model: judge, label: 'wild', threshold };
    const filtered = await plain.generate(prompt, { ...options, filter: { classifier } });
    assert.is(filtered.text === text, !isFound);
    assert.is(filtered.filtered!.length > 0, isFound);
  }
  const unknown = { classifier: { model: judge, label: 'mild' } };
  await thrown(
    () => plain.generate(prompt, { ...options, filter: unknown }),
    'invalid-option',
    "'calm' or 'wild'",
  );
  const none = { classifier: { model: 3 as never, label: 'a' } };
  await thrown(() => plain.generate(prompt, { filter: none }), 'invalid-option', 'classifier.model is 3');

  const measure = { n: 2, maxTokens: 4 };
  const labels = await continuations(plain, [{ prompt }], { model: judge }, measure);
  const found = await judge.classify(labels.judged[0]!.continuations.map((each) => each.text));
  assert.equal(
    labels.judged[0]!.continuations.map((each) => each.judgement),
    found.map(({ label }) => label),
  );
  const numbers = await continuations(plain, [{ prompt }], { model: judge, label: 'wild' }, measure);
  assert.equal(
    numbers.judged[0]!.continuations.map((each) => each.judgement),
    found.map(({ scores }) => scores[1]!.score),
  );
});

test.run();
