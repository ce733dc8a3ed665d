import { capitalized, strip } from '../python_space.js';
import { callMethod, joined } from './methods.js';
import { asText, isList, isObject, Missing, templateError, type Value } from './values.js';

type Filter = (value: Value, ...args: Value[]) => Value;

const FILTERS: Readonly<Record<string, Filter>> = {
  trim: (value) => strip(asText(value)),
  upper: (value) => asText(value).toUpperCase(),
  lower: (value) => asText(value).toLowerCase(),
  capitalize: (value) => capitalized(asText(value)),
  title: (value) => callMethod(asText(value), 'title', []),
  string: (value) => asText(value),
  join: (value, between = '') => joined(sequence(value, 'join'), asText(between)),
  length: (value) => (isObject(value) ? Object.keys(value).length : sequence(value, 'length').length),
  count: (value) => sequence(value, 'count').length,
  first: (value) => end(sequence(value, 'first').at(0), 'first'),
  last: (value) => end(sequence(value, 'last').at(-1), 'last'),
  list: (value) => sequence(value, 'list'),
  reverse: (value) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...sequence(value, 'reverse')].reverse(),
  replace: (value, from, to) => callMethod(asText(value), 'replace', [from!, to!]),
  int: (value, other = 0) => whole(value, other),
  float: (value, other = 0) => {
    const number = typeof value === 'string' ? decimal(value) : Number(value);
    return number === undefined || Number.isNaN(number) ? other : number;
  },
  abs: (value) => {
    if (typeof value !== 'number') throw templateError('abs needs a number');
    return Math.abs(value);
  },
  default: (value) => value,
  d: (value) => value,
  items: (value) => callMethod(value, 'items', []),
};

/** Applies a filter to a value. Throws `invalid-file` for one that is unknown. */
export function applyFilter(name: string, value: Value | Missing, args: readonly Value[]): Value {
  if (value instanceof Missing) {
    if (name === 'default' || name === 'd') return args[0] ?? '';
    throw templateError(`${value.name} is not defined`);
  }
  if (!Object.hasOwn(FILTERS, name)) {
    throw templateError(`there is no filter ${name}; the filters are ${Object.keys(FILTERS).join(', ')}`);
  }
  return FILTERS[name]!(value, ...args);
}

/** The items of a list, or the characters of a text. */
export function sequence(value: Value, what: string): readonly Value[] {
  if (isList(value)) return value;
  if (typeof value === 'string') return [...value];
  if (isObject(value)) return Object.keys(value);
  throw templateError(`${what} needs a list or a text`);
}

function end(item: Value | undefined, name: string): Value {
  if (item === undefined) throw templateError(`${name} needs a list that is not empty`);
  return item;
}

function decimal(text: string): number | undefined {
  const trimmed = strip(text);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

function whole(value: Value, other: Value): Value {
  const number = typeof value === 'string' ? decimal(value) : Number(value);
  return number === undefined || !Number.isFinite(number) ? other : Math.trunc(number);
}
