import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logitLens } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { insideFile, insideModel } from '../../support/inside_model.js';
import { near } from '../../support/near.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const model = await loadModel(insideModel, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  stories.dispose();
});

/** ln p [V] of a row of logits. */
function logProbabilities(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, value) => total + Math.exp(value - largest), 0);
  return Array.from(logits, (value) => value - largest - Math.log(sum));
}

test('each layer predicts as in transformers', async () => {
  const { input_ids: ids, layers } = insideFile('lens.json');
  const lens = await logitLens(model, ids, { top: 97 });
  assert.equal(lens.layers, [0, 1, 2, 3]);
  assert.equal(
    lens.tokens.map(({ id }) => id),
    ids,
  );
  lens.cells.forEach((cells, layer) => {
    assert.is(cells.length, ids.length);
    cells.forEach(({ top, entropy, logprob, rank }, position) => {
      const about = `layer ${layer}, position ${position}`;
      const expected = logProbabilities(layers[layer].subarray(97 * position, 97 * (position + 1)));
      for (const { id, logprob } of top) near(logprob, expected[id]!, 1e-4, about);
      assert.is(new Set(top.map(({ id }) => id)).size, 97);
      assert.ok(top.every((token, i) => i === 0 || top[i - 1]!.logprob >= token.logprob));
      near(entropy, -expected.reduce((sum, ln) => sum + Math.exp(ln) * ln, 0), 1e-4, about);
      const next = ids[position + 1];
      if (next === undefined) assert.equal([logprob, rank], [undefined, undefined]);
      else {
        near(logprob!, expected[next]!, 1e-4, about);
        assert.is(top[rank! - 1]!.id, next);
      }
    });
  });
});

test('the last layer is the model, and layers and positions can be chosen', async () => {
  const text = 'Once upon a time there was a cat.';
  const whole = await logitLens(stories, text);
  const { layers } = stories.config;
  const { values } = await stories.trace(text, { read: [`blocks.${layers - 1}.hook_resid_post.logits`] });
  const { data } = values[`blocks.${layers - 1}.hook_resid_post.logits`]!;
  const scores = await stories.score(text, { start: false });
  whole.cells.at(-1)!.forEach(({ top, logprob }, position) => {
    const row = data.subarray(position * stories.config.vocabSize, (position + 1) * stories.config.vocabSize);
    assert.is(top[0]!.id, row.indexOf(Math.max(...row)));
    assert.is(top[0]!.text, stories.tokenizer.decode([top[0]!.id]));
    if (logprob !== undefined) assert.is(Math.fround(logprob), scores.logprobs[position]);
  });
  assert.is(whole.tokens.map((token) => token.text).join(''), text);
  const some = await logitLens(stories, text, { layers: [layers, 0], positions: [-1, 2], top: 2 });
  assert.equal(some.layers, [0, layers]);
  assert.equal(some.positions, [whole.tokens.length - 1, 2]);
  const cell = (layer: number, position: number) => {
    const { top, ...rest } = whole.cells[layer]![position]!;
    return { ...rest, top: top.slice(0, 2) };
  };
  assert.equal(
    some.cells,
    some.layers.map((layer) => some.positions.map((position) => cell(layer, position))),
  );
});

test('a model in a worker says the same', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const here = await logitLens(stories, 'A big dog', { top: 3 });
  assert.equal(await logitLens(remote, 'A big dog', { top: 3 }), here);
  await remote.dispose();
});

test('wrong arguments are refused', async () => {
  const call = (options: object) => () => logitLens(stories, 'A dog', options);
  const { layers } = stories.config;
  for (const options of [
    { layers: [] },
    { layers: [layers + 1] },
    { layers: [0, 0] },
    { layers: [-1] },
    { layers: 'all' },
    { layers: { length: 1e9 } },
    { positions: [9] },
    { positions: [0, 0] },
    { top: 0 },
    { top: 101 },
    { tops: 3 },
  ]) {
    await thrown(call(options), 'invalid-option');
  }
  const long = new Array(stories.config.contextLength + 1).fill(5);
  await thrown(() => logitLens(stories, long), 'context-full');
  const signal = AbortSignal.abort();
  await thrown(call({ signal }), 'aborted');
});

test.run();
