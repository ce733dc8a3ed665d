import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlain } from '../../src/generate/is_plain.js';
import { type GenerateOptions, RARE_DEFAULTS } from '../../src/generate/options.js';
import { hasRareOptions, resolveOptions } from '../../src/generate/resolve_options.js';
import { FAKE_CONFIG } from '../support/fake_core.js';
import { thrown } from '../support/thrown.js';

const resolve = (options: unknown) => resolveOptions(options as GenerateOptions, FAKE_CONFIG);

test('the defaults', () => {
  const { seed, logitBias, ...rest } = resolve({});
  assert.equal(rest, {
    topH: 0,
    topNSigma: 0,
    epsilonCutoff: 0,
    etaCutoff: 0,
    xtcProbability: 0,
    xtcThreshold: 0.1,
    mirostat: 0,
    mirostatTau: 5,
    mirostatEta: 0.1,
    dynamicTemperatureRange: 0,
    dynamicTemperatureExponent: 1,
    samplers: undefined,
    encoderRepetitionPenalty: 1,
    encoderNoRepeatNgram: 0,
    dryMultiplier: 0,
    dryBase: 1.75,
    dryAllowedLength: 2,
    dryPenaltyLastN: -1,
    drySequenceBreakers: ['\n', ':', '"', '*'],
    forcedBos: undefined,
    forcedEos: undefined,
    exponentialDecay: undefined,
    beginBannedTokens: [],
    renormalize: false,
    processors: [],
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
    edit: undefined,
    beams: 1,
    returned: 1,
    lengthPenalty: 1,
    earlyStopping: false,
    beamGroups: 1,
    diversityPenalty: 0,
    penaltyAlpha: 0,
    speculate: undefined,
    filter: undefined,
    draft: undefined,
    format: undefined,
    guidance: 1,
    negativePrompt: undefined,
    experts: [],
    watermark: undefined,
    bannedTexts: undefined,
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
    allowedSpecial: ['<|endoftext|>'],
    contextFull: 'shift' as const,
    ignoreEos: true,
  };
  for (const options of [least, most]) {
    const resolved = resolve(options) as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(options)) assert.equal(resolved[name], value, name);
  }
});

test('stop strings come as a list without repetitions', () => {
  assert.equal(resolve({ stop: 'a' }).stop, ['a']);
  assert.equal(resolve({ stop: ['a', 'b', 'a'] }).stop, ['a', 'b']);
});

/** For each common option values that must be refused. */
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
  stop: [null, 5, '', [''], ['a', 5], {}, new Array(1), new Array(1e9), { length: 1e9 }],
  ignoreEos: [null, 1, 'true'],
  seed: [-1, 1.5, NaN, 2 ** 53, '1', null],
  logprobs: [-1, 21, 1.5, NaN, true, '5', null],
  priority: [-1001, 1001, 0.5, NaN, '1', null],
  signal: [null, 5, {}, new AbortController(), { aborted: false }],
  n: [0, 129, 1.5, NaN, '2', null],
  contextFull: [null, 'Stop', 'slide', 1],
  keep: [-1, FAKE_CONFIG.contextLength - 1, 1.5, NaN, '1', null],
  allowedSpecial: [null, 'some', 5, [5], new Array(1), new Array(1e9)],
};

for (const name of Object.keys(resolve({})).filter((each) => !(each in RARE_DEFAULTS))) {
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
  await thrown(() => resolve({ stop: ['a', ''] }), 'invalid-option', 'stop[1] is ""');
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
    'maxTokens, temperature',
  );
  for (const options of [null, 5, 'x', []]) await thrown(() => resolve(options), 'invalid-option', 'options');
});

test('rare options have their defaults, whatever is given, and their names are known', async () => {
  const given = { beams: 'many', draft: 5, bannedTokens: [-1] };
  const { beams, draft, bannedTokens } = resolve(given);
  assert.equal({ beams, draft, bannedTokens }, { beams: 1, draft: undefined, bannedTokens: [] });
  assert.ok(hasRareOptions(given as unknown as GenerateOptions));
  assert.not.ok(hasRareOptions({ temperature: 1, beams: undefined }));
  await thrown(() => resolve({ beam: 2 }), 'invalid-option', 'did you mean beams?');
});

test('a generation is plain unless a common option needs what is loaded on demand', () => {
  const plain = { temperature: 0.5, topK: 5, topP: 0.5, minP: 0.1, seed: 1, n: 2, maxTokens: 3, logprobs: 1 };
  assert.ok(isPlain(resolve({})));
  assert.ok(isPlain(resolve(plain)));
  for (const option of [
    { stop: 'a' },
    { typicalP: 0.9 },
    { repetitionPenalty: 1.1 },
    { frequencyPenalty: 1 },
    { presencePenalty: -1 },
    { noRepeatNgram: 3 },
  ]) {
    assert.not.ok(isPlain(resolve({ ...plain, ...option })), JSON.stringify(option));
  }
});

test('several greedy completions are refused', async () => {
  await thrown(() => resolve({ n: 2, temperature: 0 }), 'invalid-option', 'n is 2', 'temperature');
});

test.run();
