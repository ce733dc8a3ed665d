import type { RandomStream } from '../../base/random.js';
import { GENERATE_DEFAULTS, RARE_DEFAULTS, type SamplerName } from '../options.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { markOf } from '../watermark/watermark_processor.js';
import { type Draw, likeliest, sample } from './sampler.js';
import { SAMPLER_ORDER } from './sampler_order.js';
import { DynamicTemperature } from './samplers/dynamic_temperature.js';
import { Epsilon } from './samplers/epsilon.js';
import { Eta } from './samplers/eta.js';
import { MinP } from './samplers/min_p.js';
import { Mirostat } from './samplers/mirostat.js';
import { MirostatV2 } from './samplers/mirostat_v2.js';
import type { Sampler } from './samplers/sampler.js';
import { Temperature } from './samplers/temperature.js';
import { TopH } from './samplers/top_h.js';
import { TopK } from './samplers/top_k.js';
import { TopNSigma } from './samplers/top_n_sigma.js';
import { TopP } from './samplers/top_p.js';
import { Typical } from './samplers/typical.js';
import { Xtc } from './samplers/xtc.js';

/** Makes a sampler, if the options turn it on. */
type Maker = (options: ResolvedOptions, random: RandomStream) => Sampler | undefined;

const MAKERS: Readonly<Record<SamplerName | 'mirostat', Maker>> = {
  temperature: ({ temperature, dynamicTemperatureRange: range, dynamicTemperatureExponent }) =>
    range > 0
      ? new DynamicTemperature(temperature, range, dynamicTemperatureExponent)
      : new Temperature(temperature),
  topNSigma: ({ topNSigma }) => (topNSigma > 0 ? new TopNSigma(topNSigma) : undefined),
  topH: ({ topH }) => (topH > 0 ? new TopH(topH) : undefined),
  topK: ({ topK }) => (topK > 0 ? new TopK(topK) : undefined),
  topP: ({ topP }) => (topP < 1 ? new TopP(topP) : undefined),
  minP: ({ minP }) => (minP > 0 ? new MinP(minP) : undefined),
  typicalP: ({ typicalP }) => (typicalP < 1 ? new Typical(typicalP) : undefined),
  epsilonCutoff: ({ epsilonCutoff }) => (epsilonCutoff > 0 ? new Epsilon(epsilonCutoff) : undefined),
  etaCutoff: ({ etaCutoff }) => (etaCutoff > 0 ? new Eta(etaCutoff) : undefined),
  xtc: ({ xtcProbability, xtcThreshold }, random) =>
    xtcProbability > 0 ? new Xtc(xtcProbability, xtcThreshold, random) : undefined,
  mirostat: ({ mirostat, mirostatTau, mirostatEta }) =>
    mirostat === 1 ? new Mirostat(mirostatTau, mirostatEta) : new MirostatV2(mirostatTau, mirostatEta),
};

/** How `sample` draws from what the samplers left. */
const AS_IT_IS = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** How many random numbers a token takes. */
export const randomNumbersPerToken = ({ xtcProbability }: ResolvedOptions): number =>
  xtcProbability > 0 ? 2 : 1;

/** Those without which `sample` draws the same. */
const RARE = [
  'typicalP',
  'topH',
  'topNSigma',
  'epsilonCutoff',
  'etaCutoff',
  'xtcProbability',
  'mirostat',
  'dynamicTemperatureRange',
  'samplers',
  'watermark',
] as const;

/** Makes what draws the tokens of one completion, which has these processors. */
export type DrawMaker = (random: RandomStream, processors?: readonly CompletionProcessor[]) => Draw;

/**
 * Makes what draws tokens with any samplers, in the order of the option `samplers`, and then a watermark; undefined if
 * `sample` can. Temperature 0 needs none.
 */
export function drawMaker(options: ResolvedOptions): DrawMaker | undefined {
  const defaults = { ...GENERATE_DEFAULTS, ...RARE_DEFAULTS };
  if (options.temperature === 0 || RARE.every((name) => options[name] === defaults[name])) return undefined;
  const names =
    options.mirostat > 0 ? (['temperature', 'mirostat'] as const) : (options.samplers ?? SAMPLER_ORDER);
  return (random, processors = []) => {
    const mark = markOf(processors);
    const samplers = names.flatMap((name) => MAKERS[name](options, random) ?? []);
    return (row) => {
      likeliest(row, true);
      for (const sampler of samplers) sampler.apply(row);
      mark?.apply(row.values, row);
      const id = sample(row, AS_IT_IS, random);
      for (const sampler of samplers) sampler.drawn?.(row.softmax(1)[id]!);
      return id;
    };
  };
}
