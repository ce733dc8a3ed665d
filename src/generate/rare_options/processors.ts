import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { boolean, type Check, integer, list, nonEmpty, number } from '../option_checks.js';
import type { BiasedSequence, LengthDecay } from '../options.js';
import type { GivenProcessor, LogitsProcessor } from '../processors/logits_processor.js';
import type { ResolvedOptions } from '../resolved_options.js';

const MOST_BIAS = 100;
const biasNumber = number(-MOST_BIAS, MOST_BIAS);

const tokenId: Check<number> = (name, value, { vocabSize }) => {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < vocabSize)
    return value as number;
  throw invalidOption(name, value, `a token id from 0 to ${vocabSize - 1}`);
};

const tokenIds = list('an array of token ids', tokenId);

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
    checked.set(id, biasNumber(`${name}[${id}]`, bias, config));
  }
  return checked;
};

const sequence: Check<BiasedSequence> = (name, value, config) => {
  const { tokens, bias } = (value ?? {}) as Partial<BiasedSequence>;
  const ids = tokenIds(`${name}.tokens`, tokens, config);
  if (ids.length === 0) throw invalidOption(`${name}.tokens`, tokens, 'one or more token ids');
  if (bias === Number.NEGATIVE_INFINITY) return { tokens: ids, bias };
  return { tokens: ids, bias: biasNumber(`${name}.bias`, bias, config) };
};

const forcedEos: Check<number[]> = (name, value, config) => {
  if (!Array.isArray(value)) return [tokenId(name, value, config)];
  if (value.length === 0) throw invalidOption(name, value, 'one or more token ids');
  return tokenIds(name, value, config);
};

const lengthDecay: Check<LengthDecay> = (name, value, config) => {
  if (typeof value !== 'object' || value === null) {
    throw invalidOption(name, value, 'an object with start and factor');
  }
  const { start, factor } = value as Partial<LengthDecay>;
  return {
    start: integer(0)(`${name}.start`, start, config),
    factor: number(0, 100, true)(`${name}.factor`, factor, config),
  };
};

const ownProcessor: Check<GivenProcessor> = (name, value) => {
  if (typeof value === 'function' || typeof (value as LogitsProcessor | null)?.apply === 'function') {
    return value as GivenProcessor;
  }
  throw invalidOption(name, value, 'an object with the method apply, or a function that makes one');
};

/** Options that change logits token by token. */
export const PROCESSOR_CHECKS = {
  minTokens: integer(0),
  encoderRepetitionPenalty: number(0.01, 100),
  encoderNoRepeatNgram: integer(0),
  dryMultiplier: number(0, 100),
  dryBase: number(1, 100),
  dryAllowedLength: integer(0),
  dryPenaltyLastN: integer(-1),
  drySequenceBreakers: list('an array of strings', nonEmpty),
  forcedBos: tokenId,
  forcedEos,
  exponentialDecay: lengthDecay,
  beginBannedTokens: tokenIds,
  renormalize: boolean,
  processors: list('an array of objects with the method apply', ownProcessor),
  logitBias: biases,
  sequenceBias: list('an array of { tokens, bias }', sequence),
  bannedTokens: tokenIds,
};

/** Throws `invalid-option`. */
export function checkMinTokens({ minTokens, maxTokens }: ResolvedOptions): void {
  if (minTokens <= maxTokens) return;
  throw new Gpt2Error('invalid-option', `minTokens is ${minTokens}, but maxTokens is ${maxTokens}`);
}
