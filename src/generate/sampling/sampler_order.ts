import type { SamplerName } from '../options.js';

/** All samplers, in the order in which they are applied by default: Hugging Face's, and XTC at the end. */
export const SAMPLER_ORDER: readonly SamplerName[] = [
  'temperature',
  'topNSigma',
  'topH',
  'topK',
  'topP',
  'minP',
  'typicalP',
  'epsilonCutoff',
  'etaCutoff',
  'xtc',
];
