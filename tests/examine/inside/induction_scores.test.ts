import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../../src/base/random.js';
import { attentionPatterns, inductionScores } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { insideModel } from '../../support/inside_model.js';
import { near } from '../../support/near.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(insideModel, { build: 'simd' });
test.after(() => model.dispose());
const { layers: L, heads: H, contextLength } = model.config;

test('scores are shares of attention, one for each head, and depend on the seed alone', async () => {
  const found = await inductionScores(model, { length: 8, texts: 2, seed: 5 });
  assert.equal(
    found.map(({ layer, head }) => [layer, head]),
    Array.from({ length: L * H }, (_, i) => [Math.floor(i / H), i % H]),
  );
  for (const { induction, duplicate, previous } of found) {
    for (const share of [induction, duplicate, previous]) assert.ok(share > 0 && share < 1);
    assert.ok(induction + duplicate + previous < 1 + 1e-6);
  }
  assert.equal(await inductionScores(model, { length: 8, texts: 2, seed: 5 }), found);
  assert.not.equal(await inductionScores(model, { length: 8, texts: 2, seed: 6 }), found);
});

test('scores are the weights of those places in repeated random tokens, over all texts', async () => {
  const [length, seed] = [5, 3];
  const found = await inductionScores(model, { length, texts: 3, seed });
  const sums = found.map(() => ({ induction: 0, duplicate: 0, previous: 0 }));
  for (let text = 0; text < 3; text++) {
    const random = new RandomStream(seed, text);
    const once = Array.from({ length }, () => Math.floor(random.next() * model.config.vocabSize));
    const { weights } = await attentionPatterns(model, [...once, ...once]);
    const T = 2 * length;
    sums.forEach((sum, at) => {
      for (let query = length; query < T; query++) {
        const weight = (key: number) => weights.data[(at * T + query) * T + key]! / (3 * length);
        sum.induction += weight(query - length + 1);
        sum.duplicate += weight(query - length);
        sum.previous += weight(query - 1);
      }
    });
  }
  sums.forEach((sum, at) => {
    for (const name of ['induction', 'duplicate', 'previous'] as const) {
      near(found[at]![name], sum[name], 1e-6, name);
    }
  });
});

test('wrong arguments are refused', async () => {
  for (const options of [
    { length: 1 },
    { length: contextLength },
    { texts: 0 },
    { seed: -1 },
    { repeats: 2 },
  ]) {
    await thrown(() => inductionScores(model, options as object), 'invalid-option');
  }
});

test.run();
