import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GenerateOptions } from '../../src/generate/options.js';
import { resolveOptions } from '../../src/generate/resolve_options.js';
import { FAKE_CONFIG } from '../support/fake_core.js';
import { thrown } from '../support/thrown.js';

const resolve = (options: unknown) => resolveOptions(options as GenerateOptions, FAKE_CONFIG);

test('the defaults', () => {
  const { seed, logitBias, ...rest } = resolve({});
  assert.equal(rest, {
    maxTokens: 256,
    minTokens: 0,
    temperature: 0.8,
    topK: 0,
    topP: 0.95,
    minP: 0,
    typicalP: 1,
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
    noRepeatNgram: 0,
    sequenceBias: [],
    bannedTokens: [],
    stop: [],
    ignoreEos: false,
    heal: false,
    logprobs: undefined,
    signal: undefined,
    n: 1,
    contextFull: 'stop',
    keep: 0,
    priority: 0,
    allowedSpecial: 'none',
    inputs: undefined,
    beams: 1,
    returned: 1,
    lengthPenalty: 1,
    earlyStopping: false,
    beamGroups: 1,
    diversityPenalty: 0,
    penaltyAlpha: 0,
    speculate: undefined,
    draft: undefined,
  });
  assert.is(logitBias.size, 0);
  assert.ok(Number.isSafeInteger(seed) && seed >= 0);
  assert.is.not(resolve({}).seed, seed, 'another seed each time');
});

test('undefined is as if left out', () => {
  const names = Object.keys(resolve({}));
  const resolved = resolve({ ...Object.fromEntries(names.map((name) => [name, undefined])), seed: 1 });
  assert.equal(resolved, resolve({ seed: 1 }));
});

test('the ends of each range are accepted', () => {
  const T = FAKE_CONFIG.contextLength;
  const least = {
    maxTokens: 1,
    temperature: 0,
    topK: 0,
    topP: 0,
    minP: 0,
    typicalP: 1e-9,
    seed: 0,
    logprobs: 0,
    n: 1,
    keep: 0,
    minTokens: 0,
  };
  const most = {
    maxTokens: Number.MAX_SAFE_INTEGER,
    temperature: 100,
    topK: 1e9,
    topP: 1,
    minP: 1,
    typicalP: 1,
    repetitionPenalty: 100,
    frequencyPenalty: 2,
    presencePenalty: -2,
    noRepeatNgram: 1000,
    seed: 2 ** 53 - 1,
    logprobs: 20,
    n: 128,
    keep: T - 2,
    bannedTokens: [0, FAKE_CONFIG.vocabSize - 1],
    allowedSpecial: ['<|endoftext|>'],
    contextFull: 'shift' as const,
    ignoreEos: true,
    heal: true,
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
  for (const options of [least, most, leastBeams, mostBeams, leastContrast, mostContrast]) {
    const resolved = resolve(options) as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(options)) assert.equal(resolved[name], value, name);
  }
});

test('stop strings and biases come as lists and maps, whatever form they had', () => {
  assert.equal(resolve({ stop: 'a' }).stop, ['a']);
  assert.equal(resolve({ stop: ['a', 'b', 'a'] }).stop, ['a', 'b']);
  assert.equal(
    [...resolve({ logitBias: { 3: -100, '5': 1.5 } }).logitBias],
    [
      [3, -100],
      [5, 1.5],
    ],
  );
  assert.equal([...resolve({ logitBias: new Map([[3, 100]]) }).logitBias], [[3, 100]]);
});

/** For each option values that must be refused. */
const WRONG: Record<string, unknown[]> = {
  maxTokens: [0, -1, 1.5, NaN, Infinity, '10', null, 2 ** 53, true],
  temperature: [-0.1, 100.1, NaN, Infinity, '1', null],
  topK: [-1, 0.5, NaN, Infinity, '40', null],
  topP: [-0.1, 1.1, NaN, '0.9', null],
  minP: [-0.1, 1.1, NaN, '0.1', null],
  typicalP: [0, 1.1, NaN, '0.9', null],
  repetitionPenalty: [0, -1, 101, NaN, '1.2', null],
  frequencyPenalty: [-2.1, 2.1, NaN, '1', null],
  presencePenalty: [-2.1, 2.1, NaN, '1', null],
  noRepeatNgram: [-1, 1.5, NaN, '3', null],
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
  beams: [0, 129, 1.5, NaN, '2', null, true],
  returned: [0, 129, 1.5, NaN, '2', null],
  lengthPenalty: [-10.1, 10.1, NaN, Infinity, '1', null],
  earlyStopping: [null, 0, 1, 'always', 'true', ''],
  beamGroups: [0, 129, 1.5, NaN, '2', null],
  diversityPenalty: [-0.1, 100.1, NaN, '1', null],
  penaltyAlpha: [-0.1, 1.1, NaN, '0.6', null],
  stop: [null, 5, '', [''], ['a', 5], {}, new Array(1), new Array(1e9), { length: 1e9 }],
  ignoreEos: [null, 1, 'true'],
  heal: [null, 1, 'true'],
  seed: [-1, 1.5, NaN, 2 ** 53, '1', null],
  logprobs: [-1, 21, 1.5, NaN, true, '5', null],
  speculate: [null, true, 'draft', ['prompt'], 1],
  draft: [null, true, 'prompt', {}, { config: FAKE_CONFIG }],
  priority: [-1001, 1001, 0.5, NaN, '1', null],
  signal: [null, 5, {}, new AbortController(), { aborted: false }],
  n: [0, 129, 1.5, NaN, '2', null],
  contextFull: [null, 'Stop', 'slide', 1],
  keep: [-1, FAKE_CONFIG.contextLength - 1, 1.5, NaN, '1', null],
  inputs: [null, 5, 'a'],
  allowedSpecial: [null, 'some', 5, [5], new Array(1), new Array(1e9)],
};

for (const name of Object.keys(resolve({}))) {
  test(`wrong values of ${name} are refused by name, with what would be right`, async () => {
    const values = WRONG[name];
    assert.ok(values, `${name} is not tested`);
    for (const value of values!) {
      await thrown(() => resolve({ [name]: value }), 'invalid-option', name, /must be /);
    }
  });
}

test('a message says the value and the range', async () => {
  await thrown(
    () => resolve({ temperature: -1 }),
    'invalid-option',
    'temperature is -1; it must be a number from 0 to 100',
  );
  await thrown(
    () => resolve({ topK: '40' }),
    'invalid-option',
    'topK is "40"; it must be an integer 0 or more',
  );
  await thrown(
    () => resolve({ bannedTokens: [3, 64] }),
    'invalid-option',
    'bannedTokens[1] is 64; it must be a token id from 0 to 63',
  );
  await thrown(() => resolve({ stop: ['a', ''] }), 'invalid-option', 'stop[1] is ""');
  await thrown(() => resolve({ logitBias: { 7: 200 } }), 'invalid-option', 'logitBias[7] is 200');
});

test('unknown options are refused with the nearest known name', async () => {
  const nearest = {
    max_tokens: 'maxTokens',
    maxTokns: 'maxTokens',
    maxNewTokens: 'maxTokens',
    top_p: 'topP',
    TopK: 'topK',
    temprature: 'temperature',
    stops: 'stop',
    repetition_penalty: 'repetitionPenalty',
    no_repeat_ngram_size: 'noRepeatNgram',
    num_beams: 'beams',
    penalty_alpha: 'penaltyAlpha',
  };
  for (const [wrong, right] of Object.entries(nearest)) {
    await thrown(
      () => resolve({ [wrong]: 1 }),
      'invalid-option',
      `${wrong} is not an option`,
      `did you mean ${right}?`,
    );
  }
  await thrown(
    () => resolve({ xyzzy: 1 }),
    'invalid-option',
    'xyzzy is not an option',
    'maxTokens, minTokens, temperature',
  );
  for (const options of [null, 5, 'x', []]) await thrown(() => resolve(options), 'invalid-option', 'options');
});

test('several greedy completions are refused', async () => {
  await thrown(() => resolve({ n: 2, temperature: 0 }), 'invalid-option', 'n is 2', 'temperature');
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

test('a search takes no speculation', async () => {
  for (const search of [{ beams: 2 }, { penaltyAlpha: 0.5, topK: 4 }]) {
    await thrown(() => resolve({ ...search, speculate: 'prompt' }), 'invalid-option', 'speculate', 'search');
  }
});

test.run();
