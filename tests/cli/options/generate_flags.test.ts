import { Command } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inFlagTerms } from '../../../src/cli/options/flag_terms.js';
import { addGenerateFlags, generateOptions } from '../../../src/cli/options/generate_flags.js';
import { PROCESSOR_FLAGS } from '../../../src/cli/options/processor_flags.js';
import { SAMPLER_FLAGS } from '../../../src/cli/options/sampler_flags.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { FAKE_CONFIG } from '../../support/fake_core.js';
import { resolveAll } from '../../support/resolve_all.js';
import { thrown } from '../../support/thrown.js';

/** The options that flags give. */
function parsed(line: string): GenerateOptions {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addGenerateFlags(command);
  command.parse(line.split(' '), { from: 'user' });
  return generateOptions(command);
}

/** Flags of common samplers and processors and of searches, and what they give. */
const COMMON: readonly (readonly [string, GenerateOptions])[] = [
  ['--temperature 2 --seed 5 --max-tokens 3', { temperature: 2, seed: 5, maxTokens: 3 }],
  ['--top-k 1 --top-p 0 --min-p 1 --typical-p 0.001', { topK: 1, topP: 0, minP: 1, typicalP: 0.001 }],
  [
    '--repetition-penalty 2 --frequency-penalty 1.5 --presence-penalty 0.5 --no-repeat-ngram 1',
    { repetitionPenalty: 2, frequencyPenalty: 1.5, presencePenalty: 0.5, noRepeatNgram: 1 },
  ],
  ['--banned-tokens 1,2', { bannedTokens: [1, 2] }],
  [
    '--logit-bias 5=-1 --logit-bias 30=100',
    {
      logitBias: new Map([
        [5, -1],
        [30, 100],
      ]),
    },
  ],
  ['--banned-texts the --banned-texts wa', { bannedTexts: ['the', 'wa'] }],
  [
    '--banned-texts WAS --ban-ignore-case --ban-whole-words --ban-ignore-accents',
    { bannedTexts: { texts: ['WAS'], ignoreCase: true, wholeWords: true, ignoreAccents: true } },
  ],
  ['--filter personal-data', { filter: 'personal-data' }],
  [
    '--beams=4 --returned=4 --length-penalty=-1 --early-stopping=never --min-tokens=3',
    { beams: 4, returned: 4, lengthPenalty: -1, earlyStopping: 'never', minTokens: 3 },
  ],
  [
    '--beams=4 --beam-groups=2 --diversity-penalty=1.5 --early-stopping=true',
    { beams: 4, beamGroups: 2, diversityPenalty: 1.5, earlyStopping: true },
  ],
  [
    '--penalty-alpha=0.6 --top-k=4 --sequence-bias=5,30=3 --sequence-bias=30=-Infinity',
    {
      ...{ penaltyAlpha: 0.6, topK: 4 },
      sequenceBias: [
        { tokens: [5, 30], bias: 3 },
        { tokens: [30], bias: -Infinity },
      ],
    },
  ],
];

/** Every flag of rare samplers and processors, and what it gives. */
const LINES: readonly (readonly [string, GenerateOptions])[] = [
  ['--samplers top-k,xtc,temperature', { samplers: ['topK', 'xtc', 'temperature'] }],
  ['--samplers topK,--min-p', { samplers: ['topK', 'minP'] }],
  ['--top-h 0.4 --top-n-sigma 1.5', { topH: 0.4, topNSigma: 1.5 }],
  ['--epsilon-cutoff 3e-4 --eta-cutoff 0.002', { epsilonCutoff: 3e-4, etaCutoff: 0.002 }],
  ['--xtc-probability 0.5 --xtc-threshold 0.2', { xtcProbability: 0.5, xtcThreshold: 0.2 }],
  ['--mirostat 2 --mirostat-tau 3 --mirostat-eta 0.2', { mirostat: 2, mirostatTau: 3, mirostatEta: 0.2 }],
  [
    '--dynamic-temperature-range 0.5 --dynamic-temperature-exponent 2',
    { dynamicTemperatureRange: 0.5, dynamicTemperatureExponent: 2 },
  ],
  [
    '--dry-multiplier 0.8 --dry-base 2 --dry-allowed-length 3 --dry-penalty-last-n 64',
    { dryMultiplier: 0.8, dryBase: 2, dryAllowedLength: 3, dryPenaltyLastN: 64 },
  ],
  [
    '--dry-multiplier 1 --dry-sequence-breakers \\n --dry-sequence-breakers :',
    { dryMultiplier: 1, drySequenceBreakers: ['\n', ':'] },
  ],
  [
    '--encoder-repetition-penalty 1.5 --encoder-no-repeat-ngram 3',
    { encoderRepetitionPenalty: 1.5, encoderNoRepeatNgram: 3 },
  ],
  ['--exponential-decay 50,1.05', { exponentialDecay: { start: 50, factor: 1.05 } }],
  ['--begin-banned-tokens 1,2 --begin-banned-tokens 3', { beginBannedTokens: [1, 2, 3] }],
  ['--forced-bos 7 --forced-eos 0,9', { forcedBos: 7, forcedEos: [0, 9] }],
  ['--beams 2 --renormalize', { beams: 2, renormalize: true }],
];

test('flags of common samplers and processors and of searches give their options', () => {
  for (const [line, options] of COMMON) {
    assert.equal(parsed(line), options, line);
    resolveAll(options, FAKE_CONFIG);
  }
});

test('every flag of rare samplers and processors gives its option, which the library accepts', () => {
  const seen = new Set<string>();
  for (const [line, options] of LINES) {
    assert.equal(parsed(line), options, line);
    resolveAll(options, FAKE_CONFIG);
    for (const name of Object.keys(options)) seen.add(name);
  }
  for (const name of Object.keys({ ...SAMPLER_FLAGS, ...PROCESSOR_FLAGS })) assert.ok(seen.has(name), name);
});

test('values that are no such numbers or lists are refused', () => {
  for (const line of ['--exponential-decay 50', '--exponential-decay 1,2,3', '--exponential-decay a,1']) {
    assert.throws(() => parsed(line), /START,FACTOR/);
  }
  assert.throws(() => parsed('--forced-eos x'), /is not a token id/);
  assert.throws(() => parsed('--mirostat two'), /must be a number/);
  assert.throws(() => parsed('--early-stopping=perhaps'), /true, false or never/);
  for (const bias of ['5', '5=Infinity'])
    assert.throws(() => parsed(`--sequence-bias=${bias}`), /IDS=NUMBER/);
  assert.throws(() => parsed('--sequence-bias=,=1'), /not a token id/);
});

test('messages of the library name the flags', async () => {
  const messageOf = async (options: GenerateOptions) => {
    const { message } = await thrown(() => resolveAll(options, FAKE_CONFIG), 'invalid-option');
    return inFlagTerms(message);
  };
  assert.is(
    await messageOf(parsed('--samplers top-k --min-p 0.1')),
    '--min-p is 0.1, but samplers leave it out: list --min-p in samplers, or leave --min-p out',
  );
  assert.match(await messageOf(parsed('--mirostat-tau 2')), /^--mirostat-tau is 2, but --mirostat is 0: /);
});

test.run();
