import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import { type DraftModel, type GenerateOptions, RARE_DEFAULTS } from '../../../src/generate/options.js';
import { FAKE_CONFIG, FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { resolveAll } from '../../support/resolve_all.js';
import { thrown } from '../../support/thrown.js';

const resolve = (options: unknown) => resolveAll(options as GenerateOptions, FAKE_CONFIG);

const EXPERT: DraftModel = { config: FAKE_CONFIG };
loadedModels.set(EXPERT, { core: new FakeCore(), tokenizer: fakeTokenizer });

test('the ends of each range are accepted', () => {
  const most = {
    bannedTokens: [0, FAKE_CONFIG.vocabSize - 1],
    heal: true,
    maxTokens: Number.MAX_SAFE_INTEGER,
    minTokens: Number.MAX_SAFE_INTEGER,
    sequenceBias: [
      { tokens: [FAKE_CONFIG.vocabSize - 1, 0], bias: -100 },
      { tokens: [0], bias: 100 },
      { tokens: [1, 2, 3], bias: Number.NEGATIVE_INFINITY },
    ],
  };
  const leastSamplers = {
    ...{ topH: 0, topNSigma: 0, epsilonCutoff: 0, etaCutoff: 0, dynamicTemperatureRange: 0, mirostat: 0 },
    ...{ xtcProbability: 1e-9, xtcThreshold: 0, samplers: ['xtc'], topK: 0, topP: 1, temperature: 1 },
    ...{ dryMultiplier: 1e-9, dryBase: 1, dryAllowedLength: 0, dryPenaltyLastN: -1 },
    ...{ drySequenceBreakers: [], beginBannedTokens: [], forcedBos: 0, forcedEos: [0] },
    ...{
      exponentialDecay: { start: 0, factor: 1e-9 },
      encoderRepetitionPenalty: 0.01,
      encoderNoRepeatNgram: 0,
    },
  };
  const mostSamplers = {
    ...{ topH: 1, topNSigma: 100, epsilonCutoff: 1, etaCutoff: 1, xtcProbability: 1, xtcThreshold: 1 },
    ...{ dynamicTemperatureRange: 100, dynamicTemperatureExponent: 100 },
    ...{ dryMultiplier: 100, dryBase: 100, dryAllowedLength: 2 ** 53 - 1, dryPenaltyLastN: 2 ** 53 - 1 },
    ...{ exponentialDecay: { start: 2 ** 53 - 1, factor: 100 }, forcedBos: 63, forcedEos: [63, 0] },
    ...{ encoderRepetitionPenalty: 100, encoderNoRepeatNgram: 2 ** 53 - 1, renormalize: true },
    processors: [{ apply: () => {} }, () => ({ apply: () => {} })],
  };
  const mirostat = { mirostat: 2, mirostatTau: 100, mirostatEta: 1, topP: 1, topK: 0, typicalP: 1 };
  const leastBeams = { beams: 2, returned: 1, lengthPenalty: -10, earlyStopping: true, beamGroups: 1 };
  const mostBeams = {
    ...{ beams: 128, returned: 128, lengthPenalty: 10, beamGroups: 128, diversityPenalty: 100 },
    earlyStopping: 'never' as const,
  };
  const leastContrast = { penaltyAlpha: 1e-9, topK: 2 };
  const mostContrast = { penaltyAlpha: 1, topK: 128 };
  const guided = { guidance: 100, negativePrompt: '', experts: [{ model: EXPERT, weight: -100 }] };
  const all = [
    { minTokens: 0 },
    guided,
    { guidance: 0, negativePrompt: [] },
    most,
    leastSamplers,
    mostSamplers,
    mirostat,
    leastBeams,
    mostBeams,
    leastContrast,
    mostContrast,
  ];
  for (const options of all) {
    const resolved = resolve(options) as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(options)) assert.equal(resolved[name], value, name);
  }
});

test('biases come as a map, whatever form they had', () => {
  assert.equal(
    [...resolve({ logitBias: { 3: -100, '5': 1.5 } }).logitBias],
    [
      [3, -100],
      [5, 1.5],
    ],
  );
  assert.equal([...resolve({ logitBias: new Map([[3, 100]]) }).logitBias], [[3, 100]]);
});

/** For each rare option values that must be refused. */
const WRONG: Record<string, unknown[]> = {
  logitBias: [
    null,
    5,
    'x',
    [1],
    { 1: '2' },
    { 1: NaN },
    { 1: 101 },
    { a: 1 },
    { '-1': 1 },
    { 64: 1 },
    new Map([[1.5, 1]]),
  ],
  bannedTokens: [
    null,
    5,
    '5',
    [64],
    [-1],
    [1.5],
    ['1'],
    { 0: 1 },
    new Array(1),
    new Array(1e9),
    { length: 1e9 },
  ],
  bannedTexts: [
    ...[null, 5, true, '', [''], [5], new Array(1), {}, { texts: '' }, { texts: [null] }],
    ...['ignoreCase', 'ignoreAccents', 'wholeWords'].map((name) => ({ texts: 'a', [name]: 1 })),
  ],
  filter: [
    ...[null, 5, true, 'english!', ['spanish'], {}, new Array(1), { words: 'rude' }, { words: [''] }],
    ...[
      { words: ['a'], action: 'allow' },
      { words: ['a'], replacement: 5 },
      { words: ['a'], retries: 0 },
    ],
    ...[false, ['email', 'name'], 'email'].map((personalData) => ({ personalData })),
    ...[5, null, {}, { prompts: ['a'] }, { prompts: ['a', ''] }, { prompts: ['a', 'b'], threshold: NaN }].map(
      (classifier) => ({ classifier }),
    ),
  ],
  minTokens: [-1, 1.5, NaN, Infinity, '10', null, 2 ** 53, true],
  sequenceBias: [
    ...[null, 5, 'x', {}, [null], [5], [{}], [{ tokens: [1] }], [{ bias: 1 }], new Array(1), new Array(1e9)],
    ...[[], 5, [64], [-1], [1.5], ['1'], new Array(1)].map((tokens) => [{ tokens, bias: 1 }]),
    ...[NaN, Infinity, 101, -101, '1', null].map((bias) => [{ tokens: [1], bias }]),
  ],
  topH: [-0.1, 1.1, NaN, '0.5', null],
  topNSigma: [-1, 100.1, NaN, '1', null],
  epsilonCutoff: [-0.1, 1.1, NaN, '0.1', null],
  etaCutoff: [-0.1, 1.1, NaN, '0.1', null],
  xtcProbability: [-0.1, 1.1, NaN, '0.1', null],
  xtcThreshold: [-0.1, 1.1, NaN, '0.1', null],
  mirostat: [-1, 3, 0.5, NaN, '1', true, null],
  mirostatTau: [0, -1, 100.1, NaN, '5', null],
  mirostatEta: [0, -1, 1.1, NaN, '0.1', null],
  dynamicTemperatureRange: [-0.1, 100.1, NaN, '1', null],
  dynamicTemperatureExponent: [-0.1, 100.1, NaN, '1', null],
  samplers: [null, 'topK', ['top_k'], [''], [1], ['topK', 'topP', 'topK'], new Array(1), { 0: 'topK' }],
  encoderRepetitionPenalty: [0, 100.1, NaN, '1', null],
  encoderNoRepeatNgram: [-1, 1.5, NaN, '1', null],
  dryMultiplier: [-0.1, 100.1, NaN, '1', null],
  dryBase: [0.9, 100.1, NaN, '1', null],
  dryAllowedLength: [-1, 1.5, NaN, '1', null],
  dryPenaltyLastN: [-2, 1.5, NaN, '1', null],
  drySequenceBreakers: [null, 'x', [''], [1], new Array(1)],
  forcedBos: [-1, 64, 1.5, NaN, '1', null, [1]],
  forcedEos: [-1, 64, 1.5, NaN, '1', null, [], [64], ['1'], new Array(1)],
  exponentialDecay: [
    ...[null, 5, 'x', [], {}, { start: 1 }, { factor: 1 }],
    ...[-1, 1.5, '1', NaN].map((start) => ({ start, factor: 1.1 })),
    ...[0, -1, 100.1, '1', NaN].map((factor) => ({ start: 1, factor })),
  ],
  beginBannedTokens: [null, 5, [64], [-1], [1.5], ['1'], new Array(1)],
  renormalize: [null, 1, 'true'],
  processors: [null, 5, {}, [5], [null], [{}], [{ apply: 1 }], new Array(1)],
  heal: [null, 1, 'true'],
  inputs: [null, 5, 'a'],
  edit: [null, 5, 'a', {}],
  beams: [0, 129, 1.5, NaN, '2', null, true],
  returned: [0, 129, 1.5, NaN, '2', null],
  lengthPenalty: [-10.1, 10.1, NaN, Infinity, '1', null],
  earlyStopping: [null, 0, 1, 'always', 'true', ''],
  beamGroups: [0, 129, 1.5, NaN, '2', null],
  diversityPenalty: [-0.1, 100.1, NaN, '1', null],
  penaltyAlpha: [-0.1, 1.1, NaN, '0.6', null],
  speculate: [null, true, 'draft', ['prompt'], 1],
  format: [null, 5, '^a', true],
  draft: [null, true, 'prompt', {}, { config: FAKE_CONFIG }],
  guidance: [
    ...[-0.1, 100.1, NaN, '1.5', null, [], {}, { debias: [] }],
    ...['', [''], 5, null, new Array(1)].map((debias) => ({ debias })),
    ...[-1, 1000.1, NaN, '50', null].map((decay) => ({ debias: 'a', decay })),
    ...[0, 1.1, NaN, '1', null].map((floor) => ({ debias: 'a', floor })),
  ],
  negativePrompt: [null, 5, true, {}, { length: -1 }],
  experts: [
    ...[null, 5, 'x', {}, new Array(1), new Array(1e9)],
    ...[null, 5, {}, { model: { config: FAKE_CONFIG }, weight: 1 }].map((expert) => [expert]),
    ...[undefined, null, NaN, '1', -101, 101].map((weight) => [{ model: EXPERT, weight }]),
  ],
  watermark: [
    ...[
      null,
      5,
      true,
      'kgw',
      {},
      [],
      { kind: 'toString' },
      { kind: 'KGW' },
      { kind: 'unigram' },
      { kind: 'synthid' },
    ],
    ...[0, 1, -0.1, NaN, '0.5', null].map((greenlistRatio) => ({ kind: 'kgw', greenlistRatio })),
    ...[-0.1, 100.1, NaN, '2'].map((bias) => ({ kind: 'unigram', key: 1, bias })),
    ...[-1, 1.5, 2 ** 53, '1'].flatMap((key) => [
      { kind: 'kgw', hashingKey: key },
      { kind: 'unigram', key },
      { kind: 'synthid', keys: key },
      { kind: 'synthid', keys: [1, key] },
      { kind: 'synthid', keys: 1, samplingTableSeed: key },
    ]),
    ...['self', 1, null].map((seedingScheme) => ({ kind: 'kgw', seedingScheme })),
    ...[0, 21, 1.5].map((contextWidth) => ({ kind: 'kgw', contextWidth })),
    ...[
      ...[5, null, 'x', {}, [], { a: [1] }, { '1,': [1] }, { 1: 5 }, [[64]], [[-1]], new Array(1).fill(5)],
      ...[new Map([['1', [2]]]), { '1,2': [3] }, { '01': [3] }, { 64: [3] }, new Array(65).fill([1])],
    ].map((greenlists) => ({ kind: 'kgw', greenlists })),
    ...[{ 1: [3] }, { '1,2,3': [3] }, { '1,64': [3] }].map((greenlists) => ({
      ...{ kind: 'kgw', seedingScheme: 'selfhash', contextWidth: 2, greenlists },
    })),
    ...[[], {}, new Array(101).fill(1), new Array(2)].map((keys) => ({ kind: 'synthid', keys })),
    ...[
      ...[1, 101, 2.5].map((ngramLen) => ({ ngramLen })),
      ...[-1, 0.5, 1e7].map((contextHistorySize) => ({ contextHistorySize })),
      ...[0, 3, 100, 2 ** 25, '2'].map((samplingTableSize) => ({ samplingTableSize })),
      ...[5, 'ab', [0], [0, 1, 1], [0, 2], [1, '1'], new Array(2), { length: 1e9 }].map((samplingTable) => ({
        samplingTable,
      })),
      { skipFirstNgramCalls: 1 },
    ].map((fields) => ({ kind: 'synthid', keys: 1, ...fields })),
  ],
};

for (const name of Object.keys(RARE_DEFAULTS)) {
  test(`wrong values of ${name} are refused by name, with what would be right`, async () => {
    const values = WRONG[name];
    assert.ok(values, `${name} is not tested`);
    for (const value of values!) {
      await thrown(() => resolve({ [name]: value }), 'invalid-option', name, /must be /);
    }
  });
}

test('a message says which item is wrong', async () => {
  await thrown(
    () => resolve({ bannedTokens: [3, 64] }),
    'invalid-option',
    'bannedTokens[1] is 64; it must be a token id from 0 to 63',
  );
  await thrown(() => resolve({ logitBias: { 7: 200 } }), 'invalid-option', 'logitBias[7] is 200');
});

test('a watermark refuses fields that its kind does not have', async () => {
  for (const [watermark, ...words] of [
    [{ kind: 'kgw', key: 5 }, 'key is not an option of watermark', 'hashingKey'],
    [{ kind: 'unigram', key: 5, contextWidth: 2 }, 'contextWidth is not an option of watermark'],
    [{ kind: 'synthid', keys: 5, ngram_len: 2 }, 'ngram_len is not an option of watermark', 'ngramLen'],
  ] as const) {
    await thrown(() => resolve({ watermark }), 'invalid-option', ...words);
  }
});

test('a single id is enough for forcedEos', () => {
  assert.equal(resolve({ forcedEos: 5 }).forcedEos, [5]);
});

test('options of samplers that exclude each other, or have no effect, are refused by name', async () => {
  for (const [options, ...words] of [
    [{ xtcThreshold: 0.2 }, 'xtcThreshold is 0.2, but xtcProbability is 0', 'set xtcProbability too'],
    [{ mirostatTau: 3 }, 'mirostatTau is 3, but mirostat is 0'],
    [{ mirostatEta: 0.2 }, 'mirostatEta is 0.2, but mirostat is 0'],
    [{ dynamicTemperatureExponent: 2 }, 'dynamicTemperatureExponent is 2, but dynamicTemperatureRange is 0'],
    [{ dryBase: 2 }, 'dryBase is 2, but dryMultiplier is 0'],
    [{ dryAllowedLength: 1 }, 'dryAllowedLength is 1, but dryMultiplier is 0'],
    [{ dryPenaltyLastN: 9 }, 'dryPenaltyLastN is 9, but dryMultiplier is 0'],
    [{ drySequenceBreakers: ['x'] }, 'drySequenceBreakers is an array, but dryMultiplier is 0'],
    [{ mirostat: 1, topK: 40 }, 'topK is 40, but mirostat is 1', 'leave topK out'],
    [{ mirostat: 2, xtcProbability: 0.5 }, 'xtcProbability is 0.5, but mirostat is 2'],
    [{ mirostat: 2, samplers: ['temperature'] }, 'samplers is an array, but mirostat is 2'],
    [{ samplers: ['topK'], minP: 0.1 }, 'minP is 0.1, but samplers leave it out', 'list minP in samplers'],
    [{ samplers: ['topK'], temperature: 0.5 }, 'temperature is 0.5, but samplers leave it out'],
    [{ samplers: [], dynamicTemperatureRange: 1 }, 'dynamicTemperatureRange is 1', 'list temperature'],
    [{ samplers: ['topK', 'topP'], xtcProbability: 0.5 }, 'xtcProbability is 0.5', 'list xtc in samplers'],
  ] as const) {
    await thrown(() => resolve(options), 'invalid-option', ...words);
  }
  resolve({ xtcThreshold: 0.1, mirostatTau: 5, mirostatEta: 0.1, dryBase: 1.75, dryPenaltyLastN: -1 });
  resolve({ mirostat: 2, temperature: 0.5, dynamicTemperatureRange: 0.2 });
});

test('banned texts come as a list, whatever form they had, and no text bans nothing', async () => {
  const off = { ignoreCase: false, ignoreAccents: false, wholeWords: false };
  for (const given of ['ab', ['ab'], { texts: 'ab' }, { texts: ['ab'], ignoreCase: undefined }]) {
    assert.equal(resolve({ bannedTexts: given }).bannedTexts, { texts: ['ab'], ...off });
  }
  assert.is(resolve({ bannedTexts: [] }).bannedTexts, undefined);
  const misspelt = { texts: 'ab', ignorecase: true };
  await thrown(() => resolve({ bannedTexts: misspelt }), 'invalid-option', 'did you mean ignoreCase?');
});

test('rules of a filter come with their defaults, and those that cannot work are refused', async () => {
  const { filter } = resolve({ filter: ['personal-data', { words: ['a'] }] });
  const off = { classifier: undefined, action: 'replace', replacement: '***', retries: 3 };
  const words = { texts: ['a'], ignoreCase: false, ignoreAccents: false, wholeWords: false };
  assert.equal(filter, [
    { ...off, words: undefined, personalData: ['email', 'card', 'iban', 'phone'] },
    { ...off, words, personalData: [] },
  ]);
  const retry = { filter: { words: ['a'], action: 'retry' } };
  for (const [options, ...message] of [
    [{ filter: 'english', beams: 2 }, 'filter is given, but beams is 2', 'leave filter out'],
    [{ filter: 'english', penaltyAlpha: 0.5, topK: 4 }, 'filter is given, but penaltyAlpha is 0.5'],
    [{ ...retry, temperature: 0 }, '"retry", but temperature is 0'],
    [{ ...retry, contextFull: 'shift' }, '"retry", but contextFull is "shift"'],
    [{ filter: { words: ['a'], actions: 'stop' } }, 'did you mean action?'],
  ] as const) {
    await thrown(() => resolve(options), 'invalid-option', ...message);
  }
});

test('inputs do not shift', async () => {
  const options = { inputs: { positions: 3 }, contextFull: 'shift' };
  await thrown(() => resolve(options), 'invalid-option', 'contextFull is "shift"', 'with inputs');
});

test('a search refuses by name what it cannot do beside it', async () => {
  const beams = { beams: 4 };
  const contrast = { penaltyAlpha: 0.6, topK: 4 };
  for (const name of ['temperature', 'topP', 'minP', 'typicalP', 'seed', 'n'] as const) {
    await thrown(() => resolve({ ...beams, [name]: 1 }), 'invalid-option', `${name} is 1, but beams is 4: `);
    const call = () => resolve({ ...contrast, [name]: 1 });
    await thrown(call, 'invalid-option', `${name} is 1, but penaltyAlpha is 0.6: `, `leave ${name} out`);
  }
  const numbers = ['topH', 'topNSigma', 'epsilonCutoff', 'etaCutoff', 'xtcProbability', 'mirostat'];
  for (const [name, value] of [
    ...[...numbers, 'dynamicTemperatureRange'].map((name) => [name, 1] as const),
    ['samplers', ['topK']] as const,
  ]) {
    for (const [search, words] of [
      [beams, 'but beams is 4: '],
      [contrast, 'but penaltyAlpha is 0.6: '],
    ] as const) {
      await thrown(() => resolve({ ...search, [name]: value }), 'invalid-option', `${name} is `, words);
    }
  }
  for (const [options, ...words] of [
    [{ ...beams, n: 2 }, 'n is 2, but beams is 4', 'set returned instead'],
    [{ ...beams, topK: 4 }, 'topK is 4, but beams is 4'],
    [{ ...beams, contextFull: 'shift' }, 'contextFull is "shift", but beams is 4', '"stop" or "error"'],
    [{ ...contrast, contextFull: 'shift' }, 'contextFull is "shift", but penaltyAlpha is 0.6'],
    [{ ...beams, ...contrast, topK: 0 }, 'penaltyAlpha is 0.6, but beams is 4'],
    [{ ...beams, returned: 5 }, 'returned is 5, but beams is 4'],
    [{ ...beams, beamGroups: 3, diversityPenalty: 1 }, 'beamGroups is 3, but beams is 4'],
    [{ ...beams, beamGroups: 2 }, 'diversityPenalty is 0, but beamGroups is 2'],
    [{ ...beams, diversityPenalty: 1 }, 'diversityPenalty is 1, but beamGroups is 1'],
    [{ returned: 2 }, 'returned is 2, but beams is 1', 'set beams to 2 or more'],
    [{ lengthPenalty: 2 }, 'lengthPenalty is 2, but beams is 1'],
    [{ earlyStopping: true }, 'earlyStopping is true, but beams is 1'],
    [{ beamGroups: 2 }, 'beamGroups is 2, but beams is 1'],
    [{ ...contrast, diversityPenalty: 2 }, 'diversityPenalty is 2, but beams is 1'],
    [{ penaltyAlpha: 0.6 }, 'topK is 0, but penaltyAlpha is 0.6', 'from 2 to 128'],
    [{ ...contrast, topK: 129 }, 'topK is 129, but penaltyAlpha is 0.6'],
    [{ minTokens: 5, maxTokens: 4 }, 'minTokens is 5, but maxTokens is 4'],
    [{ minTokens: 257 }, 'minTokens is 257, but maxTokens is 256'],
  ] as const) {
    await thrown(() => resolve(options), 'invalid-option', ...words);
  }
  resolve({
    beams: 1,
    temperature: 0.5,
    returned: 1,
    lengthPenalty: 1,
    earlyStopping: false,
    penaltyAlpha: 0,
  });
});

test('a search draws no seed', () => {
  for (const options of [{ beams: 2 }, { penaltyAlpha: 0.6, topK: 4 }]) assert.is(resolve(options).seed, 0);
});

test('guidance beside inputs needs a prompt of its own, and experts have no inputs', async () => {
  const inputs = { positions: 3 };
  resolve({ inputs, guidance: 2, negativePrompt: 'a' });
  await thrown(() => resolve({ inputs, guidance: 2 }), 'invalid-option', 'negativePrompt beside inputs');
  const experts = [{ model: EXPERT, weight: 1 }];
  await thrown(() => resolve({ inputs, experts }), 'invalid-option', 'leave experts out');
  await thrown(() => resolve({ negativePrompt: 'a' }), 'invalid-option', 'negativePrompt needs guidance');
});

test('a search takes no speculation', async () => {
  for (const search of [{ beams: 2 }, { penaltyAlpha: 0.5, topK: 4 }]) {
    await thrown(() => resolve({ ...search, speculate: 'prompt' }), 'invalid-option', 'speculate', 'search');
  }
});

test.run();
