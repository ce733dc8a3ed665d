import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import { checkOptionNames, invalidOption, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import type { PromptInputs } from './inputs.js';
import { type BiasedSequence, type DraftModel, GENERATE_DEFAULTS, type GenerateOptions } from './options.js';
import { checkSearch, isSearch, type SearchOptions } from './search_options.js';
import { draftables } from './speculation/draft_models.js';

/** Checked options with all defaults filled in. */
export interface ResolvedOptions extends SearchOptions {
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly typicalP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly noRepeatNgram: number;
  readonly logitBias: ReadonlyMap<number, number>;
  readonly sequenceBias: readonly BiasedSequence[];
  readonly bannedTokens: readonly number[];
  readonly stop: readonly string[];
  readonly ignoreEos: boolean;
  readonly seed: number;
  readonly logprobs: number | undefined;
  readonly priority: number;
  readonly signal: Cancellation | undefined;
  readonly n: number;
  readonly contextFull: 'stop' | 'error' | 'shift';
  readonly keep: number;
  readonly allowedSpecial: 'none' | 'all' | readonly string[];
  readonly heal: boolean;
  readonly inputs: PromptInputs | undefined;
  readonly speculate: 'prompt' | undefined;
  readonly draft: DraftModel | undefined;
}

const MOST_BIAS = 100;
const MOST_LOGPROBS = 20;
const MOST_COMPLETIONS = 128;

/** Returns the checked value of an option. Throws `invalid-option`, which says what values are valid. */
type Check<T> = (name: string, value: unknown, config: ModelConfig) => T;

/** A number from `min` to `max`; `above` excludes `min` itself. */
function number(min: number, max: number, above = false): Check<number> {
  return (name, value) => {
    if (typeof value === 'number' && value <= max && (above ? value > min : value >= min)) return value;
    throw invalidOption(
      name,
      value,
      above ? `a number above ${min}, at most ${max}` : `a number from ${min} to ${max}`,
    );
  };
}

function integer(min: number, max = Number.MAX_SAFE_INTEGER): Check<number> {
  return (name, value) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number;
    const right =
      max === Number.MAX_SAFE_INTEGER ? `${min} or more, up to 2^53 - 1` : `from ${min} to ${max}`;
    throw invalidOption(name, value, `an integer ${right}`);
  };
}

function oneOf<T extends string>(...values: readonly T[]): Check<T> {
  return (name, value) => {
    if (values.includes(value as T)) return value as T;
    throw invalidOption(name, value, values.map(show).join(' or '));
  };
}

const boolean: Check<boolean> = (name, value) => {
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, value, 'true or false');
};

const string: Check<string> = (name, value) => {
  if (typeof value === 'string') return value;
  throw invalidOption(name, value, 'a string');
};

const stop: Check<string> = (name, value) => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidOption(name, value, 'a string that is not empty');
};

const tokenId: Check<number> = (name, value, { vocabSize }) => {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < vocabSize)
    return value as number;
  throw invalidOption(name, value, `a token id from 0 to ${vocabSize - 1}`);
};

function list<T>(right: string, check: Check<T>): Check<T[]> {
  return (name, value, config) => {
    if (!Array.isArray(value)) throw invalidOption(name, value, right);
    // Array.from also visits the holes of an array, which `map` would skip.
    return Array.from(value, (item, index) => check(`${name}[${index}]`, item, config));
  };
}

const tokenIds = list('an array of token ids', tokenId);
const stops = list('an array of strings', stop);
const specials = list("'none', 'all' or an array of strings", string);

/** Whether a value is a Map, of this realm or another. */
const isMap = (value: unknown): value is Map<unknown, unknown> =>
  Object.prototype.toString.call(value) === '[object Map]';

const biases: Check<Map<number, number>> = (name, value, config) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption(name, value, 'an object or Map from token ids to numbers');
  }
  const entries: Iterable<[unknown, unknown]> = isMap(value)
    ? value
    : Object.entries(value).map(([key, bias]) => [/^\d+$/.test(key) ? Number(key) : key, bias]);
  const checked = new Map<number, number>();
  for (const [key, bias] of entries) {
    const id = tokenId(`a key of ${name}`, key, config);
    checked.set(id, number(-MOST_BIAS, MOST_BIAS)(`${name}[${id}]`, bias, config));
  }
  return checked;
};

const sequence: Check<BiasedSequence> = (name, value, config) => {
  const { tokens, bias } = (value ?? {}) as Partial<BiasedSequence>;
  const ids = tokenIds(`${name}.tokens`, tokens, config);
  if (ids.length === 0) throw invalidOption(`${name}.tokens`, tokens, 'one or more token ids');
  if (bias === Number.NEGATIVE_INFINITY) return { tokens: ids, bias };
  return { tokens: ids, bias: number(-MOST_BIAS, MOST_BIAS)(`${name}.bias`, bias, config) };
};

const CHECKS: { readonly [K in keyof ResolvedOptions]: Check<ResolvedOptions[K]> } = {
  ignoreEos: boolean,
  heal: boolean,
  contextFull: oneOf('stop', 'error', 'shift'),
  n: integer(1, MOST_COMPLETIONS),
  maxTokens: integer(1),
  minTokens: integer(0),
  temperature: number(0, 100),
  topK: integer(0),
  topP: number(0, 1),
  minP: number(0, 1),
  typicalP: number(0, 1, true),
  repetitionPenalty: number(0.01, 100),
  frequencyPenalty: number(-2, 2),
  presencePenalty: number(-2, 2),
  noRepeatNgram: integer(0),
  logitBias: biases,
  sequenceBias: list('an array of { tokens, bias }', sequence),
  bannedTokens: tokenIds,
  stop: (name, value, config) =>
    Array.isArray(value) ? [...new Set(stops(name, value, config))] : [stop(name, value, config)],
  seed: integer(0),
  logprobs: integer(0, MOST_LOGPROBS),
  priority: integer(-1000, 1000),
  // `checkOptionNames` has checked it.
  signal: (_, value) => value as AbortSignal,
  keep: (name, value, config) => integer(0, Math.max(0, config.contextLength - 2))(name, value, config),
  allowedSpecial: (name, value, config) =>
    value === 'none' || value === 'all' ? value : specials(name, value, config),
  inputs: (name, value) => {
    if (typeof value === 'object' && value !== null) return value;
    throw invalidOption(name, value, 'an object with embeddings or positions');
  },
  beams: integer(1, MOST_COMPLETIONS),
  returned: integer(1, MOST_COMPLETIONS),
  lengthPenalty: number(-10, 10),
  earlyStopping(name, value) {
    if (typeof value === 'boolean' || value === 'never') return value;
    throw invalidOption(name, value, 'true, false or "never"');
  },
  beamGroups: integer(1, MOST_COMPLETIONS),
  diversityPenalty: number(0, 100),
  penaltyAlpha: number(0, 1),
  speculate: oneOf('prompt'),
  draft(name, value) {
    if (draftables.has(value as DraftModel)) return value as DraftModel;
    throw invalidOption(name, value, 'a model of loadModel');
  },
};

const DEFAULTS: GenerateOptions = {
  ...GENERATE_DEFAULTS,
  logitBias: {},
  sequenceBias: [],
  bannedTokens: [],
  stop: [],
  ignoreEos: false,
  priority: 0,
  allowedSpecial: 'none',
  heal: false,
};

/**
 * Checks every option and fills in the defaults. Throws `invalid-option`, which names the option, its value
 * and the valid ones; for an unknown name it suggests the nearest known one.
 */
export function resolveOptions(options: GenerateOptions, config: ModelConfig): ResolvedOptions {
  checkOptionNames('generate', options, Object.keys(CHECKS));
  const defaults: GenerateOptions = { seed: Math.floor(Math.random() * 2 ** 53), ...DEFAULTS };
  const resolved: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(CHECKS)) {
    const key = name as keyof GenerateOptions;
    const value = options[key] === undefined ? defaults[key] : options[key];
    resolved[name] = value === undefined ? undefined : check(name, value, config);
  }
  const { n, temperature, maxTokens, minTokens, inputs, contextFull } =
    resolved as unknown as ResolvedOptions;
  if (inputs && contextFull === 'shift') {
    throw invalidOption('contextFull', contextFull, "'stop' or 'error' with inputs");
  }
  if (n > 1 && temperature === 0) {
    throw new Gpt2Error(
      'invalid-option',
      `n is ${n} and temperature 0: greedy completions would all be equal; set n to 1 or temperature above 0`,
    );
  }
  if (minTokens > maxTokens) {
    throw new Gpt2Error('invalid-option', `minTokens is ${minTokens}, but maxTokens is ${maxTokens}`);
  }
  checkSearch(options, resolved as unknown as ResolvedOptions);
  if (isSearch(resolved as unknown as ResolvedOptions)) resolved.seed = 0;
  return resolved as unknown as ResolvedOptions;
}
