import * as examining from '../../../src/examine.js';
import { callsTarget, listOf } from '../calls.js';
import { small as model } from '../small.js';

const WORK = { signal: '@undefined' };
const BIAS = { ...WORK, seed: 1 };
const TEXTS = ['A cat sat.', 'A dog ran.', 'The sun is up.', 'He has a hat.'];
const options = { maxTokens: 2, seed: 1 };
const key = await examining.createSigningKey();
const completion = await model.generate('A', options);
const vector = await examining.steeringVector(model, { positive: ['A'], negative: ['B'], layer: 0 });
const examination = await examining.examine(model, 'A cat.', { top: 1 });

/** A typed array as an input has it. */
const listed = (numbers: Iterable<number>) => [...numbers];

export const TEXT_CALLS = callsTarget('examine-calls', {
  examine: [
    (text, given) => examining.examine(model, text, given),
    ...[[1, 2, 3], { ...WORK, start: true, stride: 4, top: 2 }],
  ],
  csvReport: [
    (given, rows) => examining.csvReport(given, rows),
    JSON.parse(JSON.stringify(examination)),
    { rows: 'words' },
  ],
  detectors: [(given) => examining.detectors(model, [1, 2, 3], given), { ...WORK, start: true, stride: 4 }],
  calibrate: [
    (human, machine, given) => examining.calibrate({ measure: 'likelihood', model }, human, machine, given),
    ...[TEXTS, TEXTS.slice(1), { ...WORK, machineIs: 'higher', seed: 1 }],
  ],
  detectWatermark: [
    (text, mark, given) => examining.detectWatermark(model, text, mark, given),
    ...[[1, 2, 3, 4], { kind: 'kgw', greenlistRatio: 0.5, bias: 1, hashingKey: 3, contextWidth: 1 }],
    { ...WORK, ignoreRepeatedNgrams: true, byLength: true },
  ],
  'detectWatermark of synthid': [
    (mark) => examining.detectWatermark(model, [1, 2, 3, 4, 5, 6], mark),
    { kind: 'synthid', keys: [1, 2], ngramLen: 3, samplingTableSize: 64 },
  ],
  signGeneration: [
    (given, prompt, chosen) => examining.signGeneration(model, given, { prompt, options: chosen, key }),
    ...[JSON.parse(JSON.stringify(completion)), 'A', options],
  ],
  compress: [(text, given) => examining.compress(model, text, given), 'A cat.', WORK],
  crowsPairs: [
    (pairs, given) => examining.crowsPairs(model, pairs, given),
    ...[[{ more: 'A cat', less: 'A dog', category: 'x' }], BIAS],
  ],
  stereoSet: [
    (cases, given) => examining.stereoSet(model, cases, given),
    ...[[{ stereotype: 'A cat', antistereotype: 'A dog', unrelated: 'A sun', biasType: 'x' }], BIAS],
  ],
  templateBias: [
    (template, fills, given) => examining.templateBias(model, template, fills, given),
    ...['A {x} is {y}.', { x: ['cat', 'dog'], y: ['up', 'on'] }, { ...BIAS, compare: 'y' }],
  ],
  continuations: [
    (prompts, given) => examining.continuations(model, prompts, () => 0.3, given),
    ...[
      [{ prompt: 'A', group: 'x' }],
      { ...BIAS, n: 2, maxTokens: 2, judge: 'text', threshold: 0.5, generate: {} },
    ],
  ],
  FewShot: [
    (given, input) => new examining.FewShot(given).classify(model, input),
    { instruction: 'x', examples: [], choices: ['a', 'b'], separator: ' ', shots: 0, seed: 1 },
    'A',
  ],
  byPosition: [
    (text, given) => examining.byPosition(model, text, given),
    [1, 2, 3],
    { ...WORK, start: true },
  ],
  contextShifts: [
    (text, given) => examining.contextShifts(model, text, given),
    ...[[1, 2, 3, 4, 5, 6, 7, 8, 9], { ...WORK, keep: [0, 1], contextLength: 5, start: true }],
  ],
  typoEffects: [
    (text, given) => examining.typoEffects(model, text, given),
    ...['A cat sat.', { ...WORK, kinds: ['swap', 'drop'], rates: [0.5], seed: 1, stride: 4 }],
  ],
  clozeItems: [
    (text, given) => examining.clozeItems(model, text, given),
    ...['A cat sat up. He has the hat.', { ...WORK, count: 1, choices: 2, minBits: 0, maxBits: 90 }],
  ],
  oddWords: [
    (text, given) => examining.oddWords(model, text, given),
    'A cat sat.',
    { ...WORK, suggestions: 2 },
  ],
  readingDifficulty: [(text) => examining.readingDifficulty(model, text), 'A cat sat.'],
  hints: [(item) => examining.hints(item), { answer: 'cat', alternative: 'dog' }],
  evaluate: [
    (task, data, given) => examining.evaluate(model, { ...given, task, data }),
    {
      ...{ task: 'x', output_type: 'multiple_choice', doc_to_text: '{{q}}', doc_to_choice: '{{c}}' },
      ...{ doc_to_target: 'a', metric_list: [{ metric: 'acc' }], description: 'x', target_delimiter: ' ' },
    },
    [{ q: 'A', c: ['b', 'c'], a: 0 }],
    { ...WORK, limit: 1, fewShot: 0, seed: 1, bootstrapIterations: 2, samples: true },
  ],
});

export const INSIDE_CALLS = callsTarget('inside-calls', {
  logitLens: [
    (text, given) => examining.logitLens(model, text, given),
    ...[[1, 2], { ...WORK, layers: [0], positions: [-1], top: 2 }],
  ],
  attentionPatterns: [
    (text, given) => examining.attentionPatterns(model, text, given),
    ...[[1, 2], { ...WORK, layers: [0], heads: [0], positions: [-1], rollout: true }],
  ],
  logitAttribution: [
    (text, given) => examining.logitAttribution(model, text, given),
    ...[[1, 2], { ...WORK, position: 0, token: 1, against: 2 }],
  ],
  inductionScores: [
    (given) => examining.inductionScores(model, given),
    { ...WORK, length: 3, texts: 1, seed: 1 },
  ],
  patchingGrid: [
    (clean, corrupt, given) => examining.patchingGrid(model, clean, corrupt, given),
    ...[
      [1, 2],
      [3, 2],
    ],
    {
      ...{ ...WORK, hook: 'blocks.*.attn.hook_z', measure: { token: 1, against: 2 } },
      ...{ layers: [0], positions: [-1], heads: [0] },
    },
  ],
  saliency: [
    (text, given) => examining.saliency(model, text, given),
    ...[[1, 2], { ...WORK, position: 0, token: 1, against: 2, method: 'gradientNorm' }],
  ],
  steeringVector: [
    (given) => examining.steeringVector(model, given),
    { ...WORK, positive: [[1]], negative: [[2]], layer: 0, position: 'mean' },
  ],
  steer: [
    async (given, numbers, how) => {
      const edit = examining.steer(
        model,
        {
          ...given,
          vector: Float32Array.from(
            listOf(numbers).map((number) => (typeof number === 'number' ? number : 0)),
          ),
        },
        how,
      );
      return model.logits([1, 2], { edit: [edit] });
    },
    ...[{ ...vector }, listed(vector.vector), { strength: 2, positions: 'all' }],
  ],
  probe: [
    (given) => examining.probe(model, given),
    {
      ...{
        ...WORK,
        texts: [[1], [2], [3, 4], [5]],
        labels: ['a', 'b', 'a', 'b'],
        groups: [0, 1, 2, 3],
        layers: [0],
      },
      ...{ position: 'mean', penalties: [1], folds: 2, seed: 1 },
    },
  ],
});
