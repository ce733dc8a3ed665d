import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedModels } from '../../src/generate/loaded_models.js';
import { loadModel } from '../../src/index.js';
import { CrossAttentionReader } from '../../src/model/cross_attention.js';
import { crossModel, crossResults } from '../support/cross_model.js';
import { near } from '../support/near.js';
import { thrown } from '../support/thrown.js';

const model = await loadModel(crossModel, { build: 'simd' });
test.after(() => model.dispose());
const { core } = loadedModels.get(model)!;
const { ids, states } = crossResults();
const STATES = 7;

/** The weights of all tokens, read at once. */
async function readWhole(inputs: object) {
  const reader = new CrossAttentionReader(core, inputs);
  const whole = await reader.read(ids);
  reader.release();
  return whole;
}

test('the weights of each token, layer and head add up to 1', async () => {
  const { shape, data } = await readWhole({ encoderStates: states });
  const { layers, heads } = model.config;
  assert.equal(shape, [ids.length, layers, heads, STATES]);
  for (let i = 0; i < data.length; i += STATES) {
    const weights = data.subarray(i, i + STATES);
    assert.ok(weights.every((weight) => weight >= 0));
    near(
      weights.reduce((sum, weight) => sum + weight, 0),
      1,
      1e-5,
    );
  }
});

test('a text that grows is read token by token with the bits of the whole, also by two readers', async () => {
  const inputs = { encoderStates: { states } };
  const whole = await readWhole(inputs);
  const size = whole.data.length / ids.length;
  const readers = [new CrossAttentionReader(core, inputs), new CrossAttentionReader(core, inputs)];
  for (const [last] of ids.entries()) {
    for (const reader of readers) {
      const { shape, data } = await reader.read(ids.slice(0, last + 1), last);
      assert.is(shape[0], 1);
      assert.equal(data, whole.data.slice(last * size, (last + 1) * size));
    }
  }
  for (const reader of readers) reader.release();
  assert.is(model.stats().running, 0);
});

test('states that a mask leaves out have no weights, and vectors before the tokens are not counted', async () => {
  const mask = [true, true, false, true, true, false, false];
  const masked = await readWhole({ encoderStates: states, encoderMask: mask });
  assert.is(masked.shape[3], 4);
  const embeddings = new Float32Array(2 * model.config.channels);
  const { shape } = await readWhole({ encoderStates: states, embeddings });
  assert.is(shape[0], ids.length);
  await thrown(() => readWhole({}), 'invalid-option', 'inputs.encoderStates');
  const reader = new CrossAttentionReader(core, { encoderStates: states });
  await thrown(() => reader.read(ids, 0, AbortSignal.abort()), 'aborted');
  await thrown(() => reader.read(new Array(65).fill(1)), 'context-full');
  reader.release();
});

test.run();
