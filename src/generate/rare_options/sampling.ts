import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { type Check, list, number, oneOf } from '../option_checks.js';
import { type GenerateOptions, RARE_DEFAULTS, type RareName, type SamplerName } from '../options.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { SAMPLER_ORDER } from '../sampling/sampler_order.js';
import { conflict } from './conflict.js';

const names = list('an array of names of samplers', oneOf(...SAMPLER_ORDER));

const samplers: Check<readonly SamplerName[]> = (name, value, config) => {
  const checked = names(name, value, config);
  const again = checked.findIndex((each, index) => checked.indexOf(each) < index);
  if (again === -1) return checked;
  throw invalidOption(`${name}[${again}]`, checked[again], 'a name that is not in the list before');
};

const mirostat: Check<number> = (name, value) => {
  if (value === 0 || value === 1 || value === 2) return value;
  throw invalidOption(name, value, '0, 1 or 2');
};

/** Options of rare samplers. */
export const SAMPLING_CHECKS = {
  topH: number(0, 1),
  topNSigma: number(0, 100),
  epsilonCutoff: number(0, 1),
  etaCutoff: number(0, 1),
  xtcProbability: number(0, 1),
  xtcThreshold: number(0, 1),
  mirostat,
  mirostatTau: number(0, 100, true),
  mirostatEta: number(0, 1, true),
  dynamicTemperatureRange: number(0, 100),
  dynamicTemperatureExponent: number(0, 100),
  samplers,
};

/** Options that have an effect only if another one is not its default. */
const SWITCHES: Partial<Record<RareName, RareName>> = {
  xtcThreshold: 'xtcProbability',
  mirostatTau: 'mirostat',
  mirostatEta: 'mirostat',
  dynamicTemperatureExponent: 'dynamicTemperatureRange',
  dryBase: 'dryMultiplier',
  dryAllowedLength: 'dryMultiplier',
  dryPenaltyLastN: 'dryMultiplier',
  drySequenceBreakers: 'dryMultiplier',
};

/** Throws `invalid-option` for options without the one that turns them on. */
export function checkSwitches(resolved: ResolvedOptions): void {
  for (const [name, other] of Object.entries(SWITCHES) as [RareName, RareName][]) {
    if (resolved[name] === RARE_DEFAULTS[name] || resolved[other] !== RARE_DEFAULTS[other]) continue;
    throw conflict(resolved, name, other, `it has no effect; set ${other} too`);
  }
}

/** The value with which an option turns its sampler off. */
const OFF = {
  temperature: 1,
  dynamicTemperatureRange: 0,
  topNSigma: 0,
  topH: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  typicalP: 1,
  epsilonCutoff: 0,
  etaCutoff: 0,
  xtcProbability: 0,
} as const;

/** Samplers whose option has another name. */
const SAMPLERS: Readonly<Record<string, SamplerName>> = {
  dynamicTemperatureRange: 'temperature',
  xtcProbability: 'xtc',
};

/**
 * Throws `invalid-option` for samplers that `mirostat` replaces, and for those that `samplers` does not list.
 */
export function checkSamplers(resolved: ResolvedOptions, given: GenerateOptions): void {
  const { mirostat, samplers } = resolved;
  if (mirostat > 0 && samplers !== undefined) {
    throw conflict(resolved, 'samplers', 'mirostat', 'it applies the temperature and mirostat alone');
  }
  for (const name of Object.keys(OFF) as (keyof typeof OFF)[]) {
    if (given[name] === undefined || resolved[name] === OFF[name]) continue;
    const sampler = SAMPLERS[name] ?? (name as SamplerName);
    if (mirostat > 0 && sampler !== 'temperature') {
      throw conflict(resolved, name, 'mirostat', `it truncates by itself; leave ${name} out`);
    }
    if (samplers !== undefined && !samplers.includes(sampler)) {
      const advice = `list ${sampler} in samplers, or leave ${name} out`;
      throw new Gpt2Error(
        'invalid-option',
        `${name} is ${resolved[name]}, but samplers leave it out: ${advice}`,
      );
    }
  }
}
