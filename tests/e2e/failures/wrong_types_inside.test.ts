// As wrong_types.test.ts, for the functions of gpt2-wasm/examine that look inside a model.
import { test } from 'uvu';
import * as examining from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { triesWrongTypes, type ValidCalls } from '../../support/wrong_types.js';

const model = await loadModel(memorySource('model', await shardedFiles()), { build: 'simd' });
const WORK = { signal: undefined, onProgress: undefined };
const TEXTS = [[1], [2], [3, 4], [5]];
const vector = await examining.steeringVector(model, { positive: ['A'], negative: ['B'], layer: 0 });
const file = await examining.writeSteeringVector(vector);
const found = await examining.probe(model, { texts: TEXTS, labels: [1, 2, 3, 4], layers: [0] });

const CALLS: ValidCalls = {
  logitLens: [
    examining.logitLens,
    model,
    [1, 2],
    { layers: [0], positions: [-1], top: 2, signal: undefined },
  ],
  attentionPatterns: [
    examining.attentionPatterns,
    ...[model, [1, 2], { ...WORK, layers: [0], heads: [0], positions: [-1], rollout: true }],
  ],
  logitAttribution: [
    examining.logitAttribution,
    ...[model, [1, 2], { position: 0, token: 1, against: 2, signal: undefined }],
  ],
  inductionScores: [examining.inductionScores, model, { ...WORK, length: 3, texts: 1, seed: 1 }],
  patchingGrid: [
    examining.patchingGrid,
    ...[model, [1, 2], [3, 2]],
    {
      ...{ ...WORK, hook: 'blocks.*.attn.hook_z', measure: { token: 1, against: 2 } },
      ...{ layers: [0], positions: [-1], heads: [0] },
    },
  ],
  'patchingGrid of a measure': [
    (measure: never) =>
      examining.patchingGrid(model, [1, 2], [3, 2], {
        ...{ hook: 'blocks.*.hook_resid_pre', layers: [0], positions: [0], measure },
      }),
    { token: 1, against: 2 },
  ],
  saliency: [
    examining.saliency,
    ...[model, [1, 2], { position: 0, token: 1, against: 2, method: 'gradientNorm', signal: undefined }],
  ],
  steeringVector: [
    examining.steeringVector,
    ...[model, { ...WORK, positive: [[1]], negative: [[2]], layer: 0, position: 'mean' }],
  ],
  steer: [examining.steer, model, vector, { strength: 2, positions: 'all' }],
  'steer with a vector': [(given: never) => examining.steer(model, given), vector],
  writeSteeringVector: [examining.writeSteeringVector, vector],
  readSteeringVector: [examining.readSteeringVector, file],
  probe: [
    examining.probe,
    model,
    {
      ...{ ...WORK, texts: TEXTS, labels: ['a', 'b', 'a', 'b'], groups: [0, 1, 2, 3], layers: [0] },
      ...{ position: 'mean', penalties: [1], folds: 2, seed: 1 },
    },
  ],
  applyProbe: [examining.applyProbe, model, found, [[1]], { ...WORK, layer: 0 }],
  'applyProbe of a layer': [
    (layer: never) => examining.applyProbe(model, { ...found, layers: [layer] }, [[1]]),
    found.layers[0],
  ],
};

triesWrongTypes(test, CALLS);
test.run();
