import { PickleName, PickleObject } from './values.js';

/**
 * Makes the value of a call, or gives `undefined` if the arguments are not those that Python takes. `count`
 * is told how many items are copied, and throws if there are too many: one list may be copied by many calls.
 */
type Call = (args: readonly unknown[], count: (items: number) => void) => unknown;

const isList = (value: unknown): value is unknown[] => Array.isArray(value);
/** Characters that take the memory of one item of a list. */
const CHARACTERS = 16;

/** Calls that make plain data; all others give an inert `PickleObject`. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', dictionary],
  ['builtins.dict', dictionary],
  ['builtins.list', list],
  ['builtins.tuple', list],
  ['builtins.set', set],
  ['builtins.frozenset', set],
  ['_codecs.encode', encode],
  ['copyreg._reconstructor', emptyObject],
]);

/** The value of a call that makes plain data; `undefined` for any other. */
export function plainData(
  { full }: PickleName,
  args: readonly unknown[],
  count: (items: number) => void,
): unknown {
  return CALLS.get(full)?.(args, count);
}

/** An object of a class as Python's protocols 0 and 1 make it. */
function emptyObject([type, base]: readonly unknown[]): unknown {
  return type instanceof PickleName && base instanceof PickleName ? new PickleObject(type, []) : undefined;
}

function list([items = []]: readonly unknown[], count: (items: number) => void): unknown {
  if (!isList(items)) return undefined;
  count(items.length);
  return [...items];
}

function dictionary([pairs = []]: readonly unknown[], count: (items: number) => void): unknown {
  if (!(pairs instanceof Map) && !isList(pairs)) return undefined;
  count(4 * (pairs instanceof Map ? pairs.size : pairs.length));
  if (pairs instanceof Map) return new Map(pairs);
  const isWhole = pairs.every((pair) => isList(pair) && pair.length === 2);
  return isWhole ? new Map(pairs as [unknown, unknown][]) : undefined;
}

function set([items = []]: readonly unknown[], count: (items: number) => void): unknown {
  if (!isList(items) && !(items instanceof Set)) return undefined;
  count(4 * (items instanceof Set ? items.size : items.length));
  return new Set(items);
}

/** Bytes as protocol 2 writes them: a text of a character for each byte, in latin1. */
function encode([text, encoding]: readonly unknown[], count: (items: number) => void): unknown {
  if (typeof text !== 'string' || encoding !== 'latin1') return undefined;
  count(Math.ceil(text.length / CHARACTERS));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
