import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { threefry2x32 } from '../../base/random.js';
import { boolean, type Check, integer, list, number, oneOf } from '../option_checks.js';
import type {
  ResolvedKgw,
  ResolvedSynthId,
  ResolvedUnigram,
  ResolvedWatermark,
} from '../watermark/resolved_watermark.js';
import { randomBits } from '../watermark/tournament.js';
import type { KgwWatermark, SynthIdWatermark, UnigramWatermark } from '../watermark/watermark.js';

/** How many keys are made of one. */
const DEPTH = 30;
const MOST_KEYS = 100;
const MOST_BITS = 2 ** 24;

const key = integer(0);
const keyList = list(`an integer, or an array of 1 to ${MOST_KEYS} integers`, key);

const keys: Check<readonly number[]> = (name, value, config) => {
  if (typeof value === 'number') return keysOf(key(name, value, config));
  const checked = keyList(name, value, config);
  if (checked.length >= 1 && checked.length <= MOST_KEYS) return checked;
  throw invalidOption(`the length of ${name}`, checked.length, `1 to ${MOST_KEYS}`);
};

function keysOf(one: number): number[] {
  return Array.from({ length: DEPTH }, (_, layer) => {
    return threefry2x32([one >>> 0, Math.floor(one / 2 ** 32)], [layer, 0])[0];
  });
}

const tokenIds: Check<number[]> = (name, value, config) =>
  list('an array of token ids', integer(0, config.vocabSize - 1))(name, value, config);

/** Green lists by `count` token ids, joined by commas. */
const greenlists =
  (count: number): Check<ReadonlyMap<string, ReadonlySet<number>>> =>
  (name, value, config) => {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    // A Map has no entries either: nothing would be green, and nobody would know.
    if (entries.length === 0) {
      throw invalidOption(name, value, 'an object or an array of one or more arrays of token ids');
    }
    const isId = (id: string) => /^(0|[1-9]\d*)$/.test(id) && Number(id) < config.vocabSize;
    const right = `${count} token id${count === 1 ? '' : 's, joined by commas'}, below ${config.vocabSize}`;
    return new Map(
      entries.map(([context, ids]) => {
        const parts = context.split(',');
        if (parts.length !== count || !parts.every(isId)) {
          throw invalidOption(`a key of ${name}`, context, right);
        }
        return [context, new Set(tokenIds(`${name}[${context}]`, ids, config))];
      }),
    );
  };

const isPowerOf2 = (value: number) => (value & (value - 1)) === 0;

const tableSize: Check<number> = (name, value, config) => {
  const size = integer(2, MOST_BITS)(name, value, config);
  if (isPowerOf2(size)) return size;
  throw invalidOption(name, value, `a power of two, at most ${MOST_BITS}`);
};

const table: Check<Uint8Array> = (name, value, config) => {
  const { length } = (value ?? {}) as ArrayLike<unknown>;
  if (typeof value !== 'object' || !Number.isInteger(length)) {
    throw invalidOption(name, value, 'an array of zeros and ones');
  }
  tableSize(`the length of ${name}`, length, config);
  return Uint8Array.from(value as ArrayLike<unknown>, (bit, i) => {
    if (bit === 0 || bit === 1) return bit;
    throw invalidOption(`${name}[${i}]`, bit, '0 or 1');
  });
};

/** Checks the fields of a watermark; those that are left out take their default, or fail if they have none. */
type Fields<T> = { readonly [K in keyof T]: readonly [check: Check<T[K]>, standard?: unknown] };

const green = (ratio: number) =>
  ({
    greenlistRatio: [ratioBelow1, ratio],
    bias: [number(0, 100), 2],
  }) as const;

const ratioBelow1: Check<number> = (name, value) => {
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw invalidOption(name, value, 'a number above 0 and below 1');
};

const KGW: Fields<Omit<ResolvedKgw, 'kind' | 'greenlists'>> = {
  ...green(0.25),
  hashingKey: [key, 15485863],
  seedingScheme: [oneOf('lefthash', 'selfhash'), 'lefthash'],
  contextWidth: [integer(1, 20), 1],
};

const UNIGRAM: Fields<Omit<ResolvedUnigram, 'kind'>> = { ...green(0.5), key: [key] };

const SYNTH_ID: Fields<Omit<ResolvedSynthId, 'kind' | 'samplingTable'>> = {
  ngramLen: [integer(2, 100), 5],
  keys: [keys],
  contextHistorySize: [integer(0, 1_000_000), 1024],
  skipFirstNgramCalls: [boolean, false],
};

function checked<T>(
  name: string,
  given: object,
  fields: Fields<T>,
  config: Parameters<Check<T>>[2],
  others: readonly string[] = [],
): T {
  checkOptionNames(name, given, ['kind', ...Object.keys(fields), ...others]);
  const entries = Object.entries(fields) as [string, readonly [Check<unknown>, unknown?]][];
  return Object.fromEntries(
    entries.map(([field, [check, standard]]) => {
      const value = (given as Record<string, unknown>)[field];
      return [field, check(`${name}.${field}`, value === undefined ? standard : value, config)];
    }),
  ) as T;
}

type Kinds = { readonly [K in ResolvedWatermark['kind']]: Check<ResolvedWatermark> };

const KINDS: Kinds = {
  kgw: (name, value, config) => {
    const given = value as KgwWatermark;
    const lists = given.greenlists;
    const fields = checked(name, given, KGW, config, ['greenlists']);
    const count = fields.seedingScheme === 'selfhash' ? fields.contextWidth : 1;
    return {
      kind: 'kgw',
      ...fields,
      greenlists: lists === undefined ? undefined : greenlists(count)(`${name}.greenlists`, lists, config),
    };
  },
  unigram: (name, value, config) => ({
    kind: 'unigram',
    ...checked(name, value as UnigramWatermark, UNIGRAM, config),
  }),
  synthid: (name, value, config) => {
    const given = value as SynthIdWatermark;
    const { samplingTable, samplingTableSize = 2 ** 16, samplingTableSeed = 0 } = given;
    const others = ['samplingTable', 'samplingTableSize', 'samplingTableSeed'];
    const fields = checked(name, given, SYNTH_ID, config, others);
    const size = tableSize(`${name}.samplingTableSize`, samplingTableSize, config);
    const seed = key(`${name}.samplingTableSeed`, samplingTableSeed, config);
    return {
      kind: 'synthid',
      ...fields,
      samplingTable:
        samplingTable === undefined
          ? randomBits(size, seed)
          : table(`${name}.samplingTable`, samplingTable, config),
    };
  },
};

/** Throws `invalid-option` for anything but a `Watermark`. */
export const checkWatermark: Check<ResolvedWatermark> = (name, value, config) => {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  if (typeof kind === 'string' && Object.hasOwn(KINDS, kind)) {
    return KINDS[kind as keyof Kinds](name, value, config);
  }
  const right = "an object whose kind is 'kgw', 'unigram' or 'synthid'";
  throw typeof value === 'object' && value !== null
    ? invalidOption(`${name}.kind`, kind, "'kgw', 'unigram' or 'synthid'")
    : invalidOption(name, value, right);
};

/** The option that marks texts. */
export const WATERMARK_CHECKS = { watermark: checkWatermark };
