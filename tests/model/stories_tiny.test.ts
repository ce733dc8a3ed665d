import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Build, loadModel, type WeightFormat } from '../../src/index.js';
import { decodeExpected } from '../support/checkpoints.js';
import { assertLogits } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';
import { storiesTiny } from '../support/stories_tiny.js';

// Computed in float32 by PyTorch from the stored weights.
const expected = decodeExpected(
  fileURLToPath(new URL('../fixtures/stories-tiny/expected.json', import.meta.url)),
);

async function onHeldOutStories(build: Build, weights: WeightFormat) {
  const model = await loadModel(storiesTiny, { build, weights });
  let sum = 0;
  let count = 0;
  let bytes = 0;
  for (const { text } of expected.documents) {
    // Each document is the end-of-text token and its first 255 tokens; every token but the first is scored.
    const ids = model.tokenizer.encode(`<|endoftext|>${text}`, { allowedSpecial: 'all' }).slice(0, 256);
    const score = await model.score(ids, { start: false });
    sum += score.sum;
    count += score.logprobs.length;
    bytes += new TextEncoder().encode(model.tokenizer.decode(ids.slice(1))).length;
  }
  assert.is(count, expected.tokens);
  model.dispose();
  return { perplexity: Math.exp(-sum / count), bitsPerByte: -sum / Math.LN2 / bytes };
}

for (const build of BUILDS) {
  test(`${build}: the logits of stories-tiny are PyTorch's`, async () => {
    const model = await loadModel(storiesTiny, { build });
    assertLogits(await model.logits(expected.input_ids), expected.logits);
    model.dispose();
  });

  test(`${build}: its greedy text is PyTorch's`, async () => {
    const model = await loadModel(storiesTiny, { build });
    const { text, tokens, finishReason } = await model.generate(expected.input_ids, {
      temperature: 0,
      maxTokens: expected.greedy.length,
    });
    assert.equal(tokens, expected.greedy);
    assert.is(expected.prompt + text, expected.greedy_text);
    assert.is(finishReason, 'length');
    model.dispose();
  });

  test(`${build}: its perplexity on held-out stories is PyTorch's`, async () => {
    const { perplexity, bitsPerByte } = await onHeldOutStories(build, 'f32');
    assert.ok(
      Math.abs(perplexity / expected.perplexity - 1) < 1e-4,
      `${perplexity}, not ${expected.perplexity}`,
    );
    assert.ok(Math.abs(bitsPerByte / expected.bits_per_byte - 1) < 1e-4, `${bitsPerByte} bits per byte`);
  });

  test(`${build}: its perplexity in q8 is within 0.1 % of PyTorch's`, async () => {
    const { perplexity } = await onHeldOutStories(build, 'q8');
    const change = perplexity / expected.perplexity - 1;
    assert.ok(change < 1e-3, `${perplexity}: ${100 * change} %`);
    assert.ok(Math.abs(change) > 1e-5, 'f32 ran');
  });

  test(`${build}: its perplexity in q4 is within 3 % of PyTorch's`, async () => {
    const { perplexity } = await onHeldOutStories(build, 'q4');
    const change = perplexity / expected.perplexity - 1;
    assert.ok(change < 0.03, `${perplexity}: ${100 * change} %`);
    assert.ok(change > 0.003, 'weights of more than 4 bits ran');
  });

  test(`${build}: its greedy text in q8 begins as PyTorch's`, async () => {
    const model = await loadModel(storiesTiny, { build, weights: 'q8' });
    const { tokens } = await model.generate(expected.input_ids, { temperature: 0, maxTokens: 50 });
    assert.equal(tokens, expected.greedy.slice(0, 50));
    model.dispose();
  });
}

test.run();
