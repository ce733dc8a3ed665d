import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { boolean, type Check, completions, integer, list, nonEmpty, number, oneOf } from './option_checks.js';
import { GENERATE_DEFAULTS, type GenerateOptions, RARE_DEFAULTS, type RareName } from './options.js';
import type { RareOptions, ResolvedOptions } from './resolved_options.js';

const MOST_LOGPROBS = 20;

const string: Check<string> = (name, value) => {
  if (typeof value === 'string') return value;
  throw invalidOption(name, value, 'a string');
};

const stops = list('an array of strings', nonEmpty);
const specials = list("'none', 'all' or an array of strings", string);

type CommonName = Exclude<keyof ResolvedOptions, RareName>;

const CHECKS: { readonly [K in CommonName]: Check<ResolvedOptions[K]> } = {
  maxTokens: integer(1),
  temperature: number(0, 100),
  topK: integer(0),
  topP: number(0, 1),
  minP: number(0, 1),
  typicalP: number(0, 1, true),
  repetitionPenalty: number(0.01, 100),
  frequencyPenalty: number(-2, 2),
  presencePenalty: number(-2, 2),
  noRepeatNgram: integer(0),
  stop: (name, value, config) =>
    Array.isArray(value) ? [...new Set(stops(name, value, config))] : [nonEmpty(name, value, config)],
  ignoreEos: boolean,
  seed: integer(0),
  n: completions,
  logprobs: integer(0, MOST_LOGPROBS),
  priority: integer(-1000, 1000),
  // `checkOptionNames` has checked it.
  signal: (_, value) => value as AbortSignal,
  contextFull: oneOf('stop', 'error', 'shift'),
  keep: (name, value, config) => integer(0, Math.max(0, config.contextLength - 2))(name, value, config),
  allowedSpecial: (name, value, config) =>
    value === 'none' || value === 'all' ? value : specials(name, value, config),
};

const DEFAULTS: GenerateOptions = {
  ...GENERATE_DEFAULTS,
  stop: [],
  ignoreEos: false,
  priority: 0,
  allowedSpecial: 'none',
};

const RARE_NAMES = Object.keys(RARE_DEFAULTS) as RareName[];
const NAMES = [...Object.keys(CHECKS), ...RARE_NAMES];

/** Whether there are options that `checkRareOptions`, which is loaded on demand, must check. */
export const hasRareOptions = (options: GenerateOptions): boolean =>
  RARE_NAMES.some((name) => options[name] !== undefined);

/**
 * Checks the names of all options and the values of common ones, and fills in the defaults, also in the
 * place of rare options, which `checkRareOptions` adds. Throws `invalid-option`, which names the option, its
 * value and the valid ones; for an unknown name it suggests the nearest known one.
 */
export function resolveOptions(options: GenerateOptions, config: ModelConfig): ResolvedOptions {
  checkOptionNames('generate', options, NAMES);
  const defaults: GenerateOptions = { seed: Math.floor(Math.random() * 2 ** 53), ...DEFAULTS };
  const rare: RareOptions = RARE_DEFAULTS;
  const resolved: Record<string, unknown> = { ...rare };
  for (const [name, check] of Object.entries(CHECKS)) {
    const key = name as CommonName;
    const value = options[key] === undefined ? defaults[key] : options[key];
    resolved[name] = value === undefined ? undefined : check(name, value, config);
  }
  const { n, temperature } = resolved as unknown as ResolvedOptions;
  if (n > 1 && temperature === 0) {
    throw new Gpt2Error('invalid-option', `n is ${n} and temperature 0: all would be equal; set n to 1`);
  }
  return resolved as unknown as ResolvedOptions;
}
