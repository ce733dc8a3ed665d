import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TrainCore } from '../../src/core/training/train_core.js';
import { initializeWeights } from '../../src/train/initialize.js';

const SIZES = { heads: 1, activation: 'gelu-tanh' as const, layerNormEpsilon: 1e-5 };
const DECODER = {
  ...SIZES,
  ...{ vocabSize: 300, contextLength: 40, channels: 48, layers: 2, innerChannels: 96, crossAttention: true },
  ...{ scaleAttention: true, scaleAttentionByInverseLayer: false, tiedHead: true },
  ...{ eosTokenIds: [0], bosTokenId: undefined },
};
const ENCODER = {
  ...SIZES,
  ...{ channels: 192, layers: 1, innerChannels: 256, outputChannels: 48, classTokens: 1 as const },
  ...{ imageSize: [40, 32] as const, patchSize: [4, 8] as const, imageChannels: 3, qkvBias: true },
};

/** The deviation of each weight that is not a vector, by name. */
async function deviations(encoder: typeof ENCODER | undefined): Promise<Map<string, number>> {
  const shape = { batch: 1, length: 8, encoder, ...(encoder ? {} : { states: 2 }) };
  const core = await TrainCore.create({ config: DECODER, build: 'simd', shape, threads: 1 });
  initializeWeights(core, 1);
  const matrices = core.parameters.filter(({ kind }) => kind !== 'vector');
  const found = matrices.map(({ name, shape: [rows, columns], ...parameter }): [string, number] => {
    const values = core.read('weights', { name, shape: [rows!, columns!], ...parameter });
    return [name, Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)];
  });
  core.dispose();
  return new Map(found);
}

/** Within 15 %: the smallest matrix has 192 numbers. */
const assertNear = (found: number, wanted: number, name: string) =>
  assert.ok(Math.abs(found / wanted - 1) < 0.15, `${name}: ${found}, not ${wanted}`);

test('matrices of a new captioner are larger in its narrower part, and places as large as patches', async () => {
  // 0.02 at a width of 768, by 1 / sqrt(width): 0.08 at 48 and 0.04 at 192.
  for (const [name, deviation] of await deviations(ENCODER)) {
    let wanted = /^(embeddings|encoder|enc_to_dec_proj)/.test(name) ? 0.04 : 0.08;
    if (/^w[tp]e|cls_token/.test(name)) wanted = 0.02;
    if (/\.c_proj/.test(name)) wanted = 0.08 / 2;
    // A patch has 3 x 4 x 8 numbers.
    if (/position/.test(name)) wanted = 0.04 * Math.sqrt(96);
    assertNear(deviation, wanted, name);
  }
});

test('a decoder that is trained alone begins as GPT-2', async () => {
  for (const [name, deviation] of await deviations(undefined)) {
    assertNear(deviation, /c_proj/.test(name) ? 0.02 / 2 : 0.02, name);
  }
});

test.run();
