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
  minTokens: [-1, 1.5, NaN, Infinity, '10', null, 2 ** 53, true],
  sequenceBias: [
    ...[null, 5, 'x', {}, [null], [5], [{}], [{ tokens: [1] }], [{ bias: 1 }], new Array(1), new Array(1e9)],
    ...[[], 5, [64], [-1], [1.5], ['1'], new Array(1)].map((tokens) => [{ tokens, bias: 1 }]),
    ...[NaN, Infinity, 101, -101, '1', null].map((bias) => [{ tokens: [1], bias }]),
  ],
  heal: [null, 1, 'true'],
  inputs: [null, 5, 'a'],
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
  guidance: [-0.1, 100.1, NaN, '1.5', null],
  negativePrompt: [null, 5, true, {}, { length: -1 }],
  experts: [
    ...[null, 5, 'x', {}, new Array(1), new Array(1e9)],
    ...[null, 5, {}, { model: { config: FAKE_CONFIG }, weight: 1 }].map((expert) => [expert]),
    ...[undefined, null, NaN, '1', -101, 101].map((weight) => [{ model: EXPERT, weight }]),
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
