import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Build, embeddedModel, loadModel, type WeightFormat } from '../../src/index.js';
import { decodeExpected } from '../support/checkpoints.js';
import { assertLogits } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

// Computed in float32 by PyTorch from the weights of the file: fixtures/stories/NOTICE.txt.
const expected = decodeExpected(fileURLToPath(new URL('../fixtures/stories/expected.json', import.meta.url)));

/** Perplexity of held-out stories, relative to PyTorch's, less 1. */
async function changeOfPerplexity(build: Build, weights: WeightFormat): Promise<number> {
  const model = await loadModel(embeddedModel, { build, weights });
  let sum = 0;
  for (const ids of expected.documents) sum += (await model.score(ids)).sum;
  model.dispose();
  return Math.exp(-sum / expected.tokens) / expected.perplexity - 1;
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
    const change = await changeOfPerplexity(build, 'f32');
    assert.ok(Math.abs(change) < 1e-4, `${100 * change} %`);
  });

  test(`${build}: in q8 the weights of the file are taken as they are, and activations cost within 0.2 %`, async () => {
    const change = await changeOfPerplexity(build, 'q8');
    assert.ok(Math.abs(change) < 2e-3, `${100 * change} %`);
    assert.ok(Math.abs(change) > 1e-6, 'f32 ran');
  });

  test(`${build}: in q4 its perplexity is within 4 %`, async () => {
    const change = await changeOfPerplexity(build, 'q4');
    assert.ok(change < 0.04, `${100 * change} %`);
    assert.ok(change > 0.003, 'weights of more than 4 bits ran');
  });
}

test('it tells held-out stories in fewer bits than 0.85 a byte', () => {
  assert.ok(expected.bits_per_byte < 0.85, `${expected.bits_per_byte}`);
});

test.run();
