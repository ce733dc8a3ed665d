import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import { checkOptionNames, invalidOption, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';

/**
 * What a generation does with the options that are left out: in the API, the command line and the playground alike.
 *
 * Temperature and topP were measured on the embedded model. Its plain distribution (1, 1) writes a broken word in every
 * third to fourth story and loses its thread; much below these two, stories begin and go on alike. In 256 tokens nine of
 * ten stories end.
 */
export const GENERATE_DEFAULTS = {
  maxTokens: 256,
  temperature: 0.8,
  topK: 0,
  topP: 0.95,
  minP: 0,
  typicalP: 1,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  noRepeatNgram: 0,
  n: 1,
  contextFull: 'stop',
  keep: 0,
} as const satisfies GenerateOptions;

/** How text is continued. Every option may be left out, which means `GENERATE_DEFAULTS`. */
export interface GenerateOptions {
  /** Most tokens of a completion, an end-of-text token included; at least 1, default 256. */
  readonly maxTokens?: number | undefined;
  /**
   * Divides the logits before sampling, 0 to 100, default 0.8; 1 follows the model. 0 is greedy: always the most likely
   * token, the lowest id of equally likely ones.
   */
  readonly temperature?: number | undefined;
  /** Sample from the k most likely tokens (Fan et al. 2018); 0, the default, is off. */
  readonly topK?: number | undefined;
  /**
   * Nucleus sampling (Holtzman et al. 2019): the fewest most likely tokens whose probabilities sum to at least
   * this, 0 to 1, default 0.95; 1 is off.
   */
  readonly topP?: number | undefined;
  /**
   * Sample from tokens at least this times as likely as the most likely one (Nguyen et al. 2024), 0 to 1; 0, the
   * default, is off.
   */
  readonly minP?: number | undefined;
  /**
   * Locally typical sampling (Meister et al. 2022): tokens whose surprise is nearest to the entropy, until they
   * hold this share of the probability; above 0, at most 1; 1, the default, is off.
   */
  readonly typicalP?: number | undefined;
  /**
   * Divides positive and multiplies negative logits of every token in the prompt or the generated text, once each
   * (CTRL, Keskar et al. 2019; as Hugging Face does); 0.01 to 100; 1, the default, is off.
   */
  readonly repetitionPenalty?: number | undefined;
  /**
   * Subtracted from a token's logit as many times as it was generated (not counting the prompt), as OpenAI defines
   * it; -2 to 2, default 0.
   */
  readonly frequencyPenalty?: number | undefined;
  /** Subtracted once from the logit of each token that was generated, as OpenAI defines it; -2 to 2, default 0. */
  readonly presencePenalty?: number | undefined;
  /** Never repeat n tokens in a row that are in the prompt or the generated text already; 0, the default, is off. */
  readonly noRepeatNgram?: number | undefined;
  /** Added to the logits of single tokens: token id -> -100 to 100. */
  readonly logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number> | undefined;
  /** Ids of tokens that are never sampled. */
  readonly bannedTokens?: readonly number[] | undefined;
  /** Text that ends a completion; neither it nor a part of it is ever given out. None may be empty. */
  readonly stop?: string | readonly string[] | undefined;
  /**
   * Take the end-of-text token for a token like any other: it does not end the completion and reads as its text.
   * (`bannedTokens` keeps it from being sampled.) Default false.
   */
  readonly ignoreEos?: boolean | undefined;
  /**
   * An integer from 0 to 2^53 - 1. The same seed, prompt and options give the same completion on every machine
   * that computes the same logits. Without it one is drawn and reported in the completion.
   */
  readonly seed?: number | undefined;
  /**
   * Report each sampled token's log-probability and this many of the most likely tokens', 0 to 20. They are the
   * model's own, before all options above.
   */
  readonly logprobs?: number | undefined;
  /** Ends the generation: it finishes with what there is so far and the reason `aborted`; nothing is thrown. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Completions to sample after one evaluation of the prompt, 1 to 128, default 1. Completion i is the same
   * whatever `n` is. Needs a temperature above 0, for greedy ones would all be equal.
   */
  readonly n?: number | undefined;
  /**
   * What happens where the tokens no longer fit the model's context:
   * - `stop` (default): the completion ends with the reason `context`
   * - `error`: throws `context-full`
   * - `shift`: goes on with the first `keep` tokens and the most recent half of the rest, which is evaluated anew
   *
   * A prompt longer than the context is refused with `context-full`, but `shift` cuts it in the same way.
   */
  readonly contextFull?: 'stop' | 'error' | 'shift' | undefined;
  /** Tokens at the start that `shift` always keeps, 0 (default) to two less than the context. */
  readonly keep?: number | undefined;
  /**
   * Special tokens that a prompt's text may spell, such as `<|endoftext|>`: `'none'` (default: it is then text like
   * any other), `'all'`, or those named. Text from untrusted people should make none.
   */
  readonly allowedSpecial?: 'none' | 'all' | readonly string[] | undefined;
  /**
   * Token healing: the last word, number, punctuation or white space of the prompt is written again together with what
   * follows, so that a prompt may end inside a word or with a space: "Once upon a ti" is continued with "me". `text` is
   * what follows the prompt; `tokens` begin with those that write the prompt's end. Default false.
   */
  readonly heal?: boolean | undefined;
}

/** Checked options with every default filled in. */
export interface ResolvedOptions {
  readonly maxTokens: number;
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
  readonly bannedTokens: readonly number[];
  readonly stop: readonly string[];
  readonly ignoreEos: boolean;
  readonly seed: number;
  readonly logprobs: number | undefined;
  readonly signal: Cancellation | undefined;
  readonly n: number;
  readonly contextFull: 'stop' | 'error' | 'shift';
  readonly keep: number;
  readonly allowedSpecial: 'none' | 'all' | readonly string[];
  readonly heal: boolean;
}

const CONTEXT_FULL = ['stop', 'error', 'shift'] as const;
const MOST_BIAS = 100;
const MOST_LOGPROBS = 20;
const MOST_COMPLETIONS = 128;

const OPTION_NAMES = Object.keys({
  maxTokens: true,
  temperature: true,
  topK: true,
  topP: true,
  minP: true,
  typicalP: true,
  repetitionPenalty: true,
  frequencyPenalty: true,
  presencePenalty: true,
  noRepeatNgram: true,
  logitBias: true,
  bannedTokens: true,
  stop: true,
  ignoreEos: true,
  seed: true,
  logprobs: true,
  signal: true,
  n: true,
  contextFull: true,
  keep: true,
  allowedSpecial: true,
  heal: true,
} satisfies Record<keyof GenerateOptions, true>);

/** A finite number from min to max; `above` leaves min itself out. */
function number(name: string, value: unknown, min: number, max: number, above = false): number {
  if (typeof value === 'number' && value <= max && (above ? value > min : value >= min)) return value;
  throw invalidOption(
    name,
    value,
    above ? `a number above ${min}, at most ${max}` : `a number from ${min} to ${max}`,
  );
}

function integer(name: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
    return value as number;
  const right = max === Number.MAX_SAFE_INTEGER ? `${min} or more, up to 2^53 - 1` : `from ${min} to ${max}`;
  throw invalidOption(name, value, `an integer ${right}`);
}

function tokenId(name: string, value: unknown, config: ModelConfig): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < config.vocabSize)
    return value as number;
  throw invalidOption(name, value, `a token id from 0 to ${config.vocabSize - 1}`);
}

/** Also one of another realm. */
const isMap = (value: unknown): value is Map<unknown, unknown> =>
  Object.prototype.toString.call(value) === '[object Map]';

function biases(value: unknown, config: ModelConfig): Map<number, number> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption('logitBias', value, 'an object or Map from token ids to numbers');
  }
  const entries: Iterable<[unknown, unknown]> = isMap(value)
    ? value
    : Object.entries(value).map(([key, bias]) => [/^\d+$/.test(key) ? Number(key) : key, bias]);
  const checked = new Map<number, number>();
  for (const [key, bias] of entries) {
    const id = tokenId('a key of logitBias', key, config);
    checked.set(id, number(`logitBias[${id}]`, bias, -MOST_BIAS, MOST_BIAS));
  }
  return checked;
}

function stopStrings(value: unknown): string[] {
  const check = (name: string, stop: unknown) => {
    if (typeof stop === 'string' && stop !== '') return stop;
    throw invalidOption(name, stop, 'a string that is not empty');
  };
  if (!Array.isArray(value)) return [check('stop', value)];
  return [...new Set(list('stop', value, 'an array of strings', check))];
}

function list<T>(
  name: string,
  value: unknown,
  right: string,
  check: (name: string, item: unknown) => T,
): T[] {
  if (!Array.isArray(value)) throw invalidOption(name, value, right);
  const checked: T[] = [];
  // An array may have holes, which `map` would leave out.
  for (const [index, item] of value.entries()) checked.push(check(`${name}[${index}]`, item));
  return checked;
}

function string(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalidOption(name, value, 'a string');
}

/**
 * Checks every option and fills in the defaults. Throws `invalid-option` naming the option, its value and the
 * valid ones; an unknown name is refused with the nearest known one.
 */
export function resolveOptions(options: GenerateOptions, config: ModelConfig): ResolvedOptions {
  checkOptionNames('generate', options, OPTION_NAMES);
  const {
    maxTokens = GENERATE_DEFAULTS.maxTokens,
    temperature = GENERATE_DEFAULTS.temperature,
    topK = GENERATE_DEFAULTS.topK,
    topP = GENERATE_DEFAULTS.topP,
    minP = GENERATE_DEFAULTS.minP,
    typicalP = GENERATE_DEFAULTS.typicalP,
    repetitionPenalty = GENERATE_DEFAULTS.repetitionPenalty,
    frequencyPenalty = GENERATE_DEFAULTS.frequencyPenalty,
    presencePenalty = GENERATE_DEFAULTS.presencePenalty,
    noRepeatNgram = GENERATE_DEFAULTS.noRepeatNgram,
    logitBias = {},
    bannedTokens = [],
    stop = [],
    ignoreEos = false,
    seed = Math.floor(Math.random() * 2 ** 53),
    logprobs,
    signal,
    n = GENERATE_DEFAULTS.n,
    contextFull = GENERATE_DEFAULTS.contextFull,
    keep = GENERATE_DEFAULTS.keep,
    allowedSpecial = 'none',
    heal = false,
  } = options;
  if (typeof ignoreEos !== 'boolean') throw invalidOption('ignoreEos', ignoreEos, 'true or false');
  if (typeof heal !== 'boolean') throw invalidOption('heal', heal, 'true or false');
  if (!CONTEXT_FULL.includes(contextFull)) {
    throw invalidOption('contextFull', contextFull, CONTEXT_FULL.map(show).join(' or '));
  }

  if (integer('n', n, 1, MOST_COMPLETIONS) > 1 && temperature === 0) {
    throw new Gpt2Error(
      'invalid-option',
      `n is ${n} and temperature 0: greedy completions would all be equal; set n to 1 or temperature above 0`,
    );
  }
  return {
    maxTokens: integer('maxTokens', maxTokens, 1),
    temperature: number('temperature', temperature, 0, 100),
    topK: integer('topK', topK, 0),
    topP: number('topP', topP, 0, 1),
    minP: number('minP', minP, 0, 1),
    typicalP: number('typicalP', typicalP, 0, 1, true),
    repetitionPenalty: number('repetitionPenalty', repetitionPenalty, 0.01, 100),
    frequencyPenalty: number('frequencyPenalty', frequencyPenalty, -2, 2),
    presencePenalty: number('presencePenalty', presencePenalty, -2, 2),
    noRepeatNgram: integer('noRepeatNgram', noRepeatNgram, 0),
    logitBias: biases(logitBias, config),
    bannedTokens: list('bannedTokens', bannedTokens, 'an array of token ids', (name, id) =>
      tokenId(name, id, config),
    ),
    stop: stopStrings(stop),
    ignoreEos,
    seed: integer('seed', seed, 0),
    logprobs: logprobs === undefined ? undefined : integer('logprobs', logprobs, 0, MOST_LOGPROBS),
    signal,
    n,
    contextFull,
    keep: integer('keep', keep, 0, Math.max(0, config.contextLength - 2)),
    allowedSpecial:
      allowedSpecial === 'none' || allowedSpecial === 'all'
        ? allowedSpecial
        : list('allowedSpecial', allowedSpecial, "'none', 'all' or an array of strings", string),
    heal,
  };
}
