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
