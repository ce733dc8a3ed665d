// As wrong_types.test.ts, for the functions of gpt2-wasm/examine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as examining from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { triesWrongTypes, type ValidCalls } from '../../support/wrong_types.js';

// Wrong values that are texts may be taken as files to write to.
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-types-'));
process.chdir(folder);
test.after(() => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
});

const model = await loadModel(memorySource('model', await shardedFiles()), { build: 'simd' });
const WORK = { signal: undefined, onProgress: undefined };
const BIAS = { ...WORK, seed: 1 };
const TEXTS = ['A cat sat.', 'A dog ran.', 'The sun is up.', 'He has a hat.'];
const DETECTOR = { measure: 'likelihood', model, observer: undefined, start: true, stride: 4 } as const;
const calibration = await examining.calibrate(DETECTOR, TEXTS);
const key = await examining.createSigningKey();
const options = { maxTokens: 2, seed: 1 };
const completion = await model.generate('A', options);
const record = await examining.signGeneration(model, completion, { prompt: 'A', options, key });
const small = await examining.compress(model, 'A cat.');
const fewShot = new examining.FewShot({ choices: ['a', 'b'] });
const asked = await fewShot.calibrate(model);

/** The JSON of a value; of one that has none, `null`. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}

const CALLS: ValidCalls = {
  detectors: [
    examining.detectors,
    ...[model, [1, 2, 3], { ...WORK, observer: model, start: true, stride: 4 }],
  ],
  calibrate: [
    examining.calibrate,
    ...[DETECTOR, TEXTS, TEXTS.slice(1), { ...WORK, machineIs: 'higher', seed: 1 }],
  ],
  'calibration.verdict': [
    calibration.verdict.bind(calibration),
    ...['A cat.', { falseAlarms: 0.5, signal: undefined }],
  ],
  'calibration.threshold': [calibration.threshold.bind(calibration), 0.5],
  'calibration.pValue': [calibration.pValue.bind(calibration), -1],
  readCalibration: [examining.readCalibration, JSON.stringify(calibration), { model, observer: undefined }],
  'readCalibration of an object': [
    (data: never) => examining.readCalibration(jsonOf(data)),
    calibration.toJSON(),
  ],
  'detectWatermark of kgw': [
    examining.detectWatermark,
    ...[model, [1, 2, 3, 4], { kind: 'kgw', greenlistRatio: 0.5, bias: 1, hashingKey: 3, contextWidth: 1 }],
    { ...WORK, ignoreRepeatedNgrams: true, byLength: true },
  ],
  'detectWatermark of unigram': [examining.detectWatermark, model, 'A cat', { kind: 'unigram', key: 3 }],
  'detectWatermark of synthid': [
    examining.detectWatermark,
    ...[model, [1, 2, 3, 4, 5, 6], { kind: 'synthid', keys: [1, 2], ngramLen: 3, samplingTableSize: 64 }],
  ],
  createSigningKey: [examining.createSigningKey],
  signGeneration: [examining.signGeneration, model, completion, { prompt: 'A', options, key }],
  'signGeneration with a key': [
    (given: never) => examining.signGeneration(model, completion, { prompt: 'A', options, key: given }),
    key,
  ],
  verifyRecord: [examining.verifyRecord, model, record, { text: 'A', publicKey: key.x, signal: undefined }],
  compress: [examining.compress, model, 'A cat.', WORK],
  decompress: [examining.decompress, model, small, { ...WORK, maxBytes: 100 }],
  crowsPairs: [examining.crowsPairs, model, [{ more: 'A', less: 'B' }], BIAS],
  'crowsPairs of a pair': [
    (pair: never) => examining.crowsPairs(model, [pair]),
    { more: 'A cat', less: 'A dog', category: 'x' },
  ],
  'stereoSet of a case': [
    (each: never, given: never) => examining.stereoSet(model, [each], given),
    { stereotype: 'A cat', antistereotype: 'A dog', unrelated: 'A sun', biasType: 'x' },
    BIAS,
  ],
  'minimalPairs of a pair': [
    (pair: never, given: never) => examining.minimalPairs(model, [pair], given),
    { good: 'A cat', bad: 'A dog', paradigm: 'x' },
    BIAS,
  ],
  templateBias: [
    examining.templateBias,
    ...[model, 'A {x} is {y}.', { x: ['cat', 'dog'], y: ['up', 'on'] }, { ...BIAS, compare: 'y' }],
  ],
  continuations: [
    examining.continuations,
    ...[model, [{ prompt: 'A', group: 'x' }], () => 0.3],
    { ...BIAS, n: 2, maxTokens: 2, judge: 'text', threshold: 0.5, generate: {} },
  ],
  FewShot: [
    (given: never, input: never) => new examining.FewShot(given).classify(model, input),
    { instruction: 'x', examples: [], choices: ['a', 'b'], separator: ' ', shots: 0, seed: 1 },
    'A',
  ],
  'FewShot.classify': [fewShot.classify.bind(fewShot), model, 'A', { ...WORK, calibration: asked }],
  'FewShot.calibrate': [fewShot.calibrate.bind(fewShot), model, { ...WORK, contentFree: ['A'] }],
  'FewShot.accuracy': [fewShot.accuracy.bind(fewShot), model, [{ input: 'A', label: 'a' }], WORK],
  byPosition: [examining.byPosition, model, [1, 2, 3], { ...WORK, start: true }],
  contextShifts: [
    examining.contextShifts,
    ...[model, [1, 2, 3, 4, 5, 6, 7, 8, 9], { ...WORK, keep: [0, 1], contextLength: 5, start: true }],
  ],
  typoEffects: [
    examining.typoEffects,
    ...[model, 'A cat sat.', { ...WORK, kinds: ['swap'], rates: [0.5], seed: 1, stride: 4 }],
  ],
  clozeItems: [
    examining.clozeItems,
    ...[model, 'A cat sat up. He has the hat.', { ...WORK, count: 1, choices: 2, minBits: 0, maxBits: 90 }],
  ],
  oddWords: [examining.oddWords, model, 'A cat sat.', WORK],
  readingDifficulty: [examining.readingDifficulty, model, 'A cat sat.', WORK],
  hints: [examining.hints, { answer: 'cat', alternative: 'dog' }],
  evaluate: [
    examining.evaluate,
    model,
    {
      ...WORK,
      task: {
        ...{ task: 'x', output_type: 'multiple_choice', doc_to_text: '{{q}}', doc_to_choice: '{{c}}' },
        ...{ doc_to_target: 'a', metric_list: [{ metric: 'acc' }] },
      },
      ...{ data: [{ q: 'A', c: ['b', 'c'], a: 0 }], limit: 1, fewShot: 0, seed: 1, bootstrapIterations: 2 },
      ...{ cache: undefined, samples: true },
    },
  ],
  'evaluate of a task': [
    (task: never) => examining.evaluate(model, { task, data: [{ q: 'A', c: ['b', 'c'], a: 0 }] }),
    {
      ...{ task: 'x', output_type: 'multiple_choice', doc_to_text: '{{q}}', doc_to_choice: '{{c}}' },
      ...{ doc_to_target: 'a', metric_list: [{ metric: 'acc' }] },
      ...{ num_fewshot: 0, description: 'x', target_delimiter: ' ' },
    },
  ],
};

triesWrongTypes(test, CALLS);
test.run();
