import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Build, embeddedModel, loadModel, type WeightFormat } from '../../src/index.js';
import { decodeExpected } from '../support/checkpoints.js';
import { assertLogits } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

// Computed in float32 by PyTorch from the weights of the file: fixtures/stories/NOTICE.txt.
const expected = decodeExpected(fileURLToPath(new URL('../fixtures/stories/expected.json', import.meta.url)));

/** Perplexity of held-out stories, relative to PyTorch's, less 1; and the bits of each of their bytes. */
async function onHeldOutStories(build: Build, weights: WeightFormat) {
  const model = await loadModel(embeddedModel, { build, weights });
  let sum = 0;
  let bytes = 0;
  for (const ids of expected.documents) {
    sum += (await model.score(ids)).sum;
    bytes += new TextEncoder().encode(model.tokenizer.decode(ids.slice(1))).length;
  }
  model.dispose();
  const change = Math.exp(-sum / expected.tokens) / expected.perplexity - 1;
  return { change, bitsPerByte: -sum / Math.LN2 / bytes };
}

for (const build of BUILDS) {
  test(`${build}: the embedded model's logits and greedy text are PyTorch's`, async () => {
    const model = await loadModel(embeddedModel, { build });
    assertLogits(await model.logits(expected.input_ids), expected.logits);
    const { tokens } = await model.generate(expected.input_ids, {
      temperature: 0,
      ignoreEos: true,
      maxTokens: expected.greedy.length,
    });
    assert.equal(tokens, expected.greedy);
    model.dispose();
  });

  test(`${build}: its perplexity on held-out stories is PyTorch's`, async () => {
    const { change, bitsPerByte } = await onHeldOutStories(build, 'f32');
    assert.ok(Math.abs(change) < 1e-4, `${100 * change} %`);
    assert.ok(Math.abs(bitsPerByte / expected.bits_per_byte - 1) < 1e-4, `${bitsPerByte} bits per byte`);
    assert.ok(bitsPerByte < 0.85, `${bitsPerByte} bits per byte`);
  });

  test(`${build}: in q8 the weights of the file are taken as they are, and activations cost within 0.2 %`, async () => {
    const { change } = await onHeldOutStories(build, 'q8');
    assert.ok(Math.abs(change) < 2e-3, `${100 * change} %`);
    assert.ok(Math.abs(change) > 1e-6, 'f32 ran');
  });

  test(`${build}: in q4 its perplexity is within 4 %`, async () => {
    const { change } = await onHeldOutStories(build, 'q4');
    assert.ok(change < 0.04, `${100 * change} %`);
    assert.ok(change > 0.003, 'weights of more than 4 bits ran');
  });
}

test.run();
