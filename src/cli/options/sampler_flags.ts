import { RARE_DEFAULTS } from '../../generate/options.js';
import type { Flag } from './flag.js';
import { parseSamplers } from './parse.js';

/** Samplers that few need; the common ones are among the flags of sampling. */
const SAMPLERS: Omit<Flag, 'help'> = { group: 'More samplers:', value: 'number' };

export const SAMPLER_FLAGS = {
  samplers: {
    ...SAMPLERS,
    value: 'names',
    parse: parseSamplers,
    help: 'apply only these samplers, in this order, such as top-k,xtc,temperature',
    standard:
      'temperature, top-n-sigma, top-h, top-k, top-p, min-p, typical-p, epsilon-cutoff, eta-cutoff, xtc',
  },
  topH: {
    ...SAMPLERS,
    help: 'sample from the likeliest tokens that give at most NUMBER of the entropy; 0: off',
    range: '0 to 1',
    standard: RARE_DEFAULTS.topH,
  },
  topNSigma: {
    ...SAMPLERS,
    help: 'sample from tokens at most NUMBER standard deviations below the largest logit; 0: off',
    range: '0 to 100',
    standard: RARE_DEFAULTS.topNSigma,
  },
  epsilonCutoff: {
    ...SAMPLERS,
    help: 'sample from tokens of at least this probability; 0: off',
    range: '0 to 1',
    standard: RARE_DEFAULTS.epsilonCutoff,
  },
  etaCutoff: {
    ...SAMPLERS,
    help: 'as --epsilon-cutoff, but lower if the model is uncertain; 0: off',
    range: '0 to 1',
    standard: RARE_DEFAULTS.etaCutoff,
  },
  xtcProbability: {
    ...SAMPLERS,
    help: 'how often the likeliest tokens are excluded, all that reach --xtc-threshold but the last; 0: off',
    range: '0 to 1',
    standard: RARE_DEFAULTS.xtcProbability,
  },
  xtcThreshold: {
    ...SAMPLERS,
    help: 'probability from which tokens are excluded',
    range: '0 to 1',
    standard: RARE_DEFAULTS.xtcThreshold,
  },
  mirostat: {
    ...SAMPLERS,
    value: 'version',
    help: 'keep the surprise of the tokens near --mirostat-tau, in place of other truncations; 0: off',
    range: '0, 1 or 2',
    standard: RARE_DEFAULTS.mirostat,
  },
  mirostatTau: {
    ...SAMPLERS,
    help: 'surprise that mirostat aims at, in bits',
    range: 'above 0, at most 100',
    standard: RARE_DEFAULTS.mirostatTau,
  },
  mirostatEta: {
    ...SAMPLERS,
    help: 'how fast mirostat corrects',
    range: 'above 0, at most 1',
    standard: RARE_DEFAULTS.mirostatEta,
  },
  dynamicTemperatureRange: {
    ...SAMPLERS,
    help: 'lower --temperature by NUMBER where the model is certain, raise it where it is not; 0: off',
    range: '0 to 100',
    standard: RARE_DEFAULTS.dynamicTemperatureRange,
  },
  dynamicTemperatureExponent: {
    ...SAMPLERS,
    help: 'exponent of the entropy with which the dynamic temperature grows',
    range: '0 to 100',
    standard: RARE_DEFAULTS.dynamicTemperatureExponent,
  },
} as const satisfies Readonly<Record<string, Flag>>;
