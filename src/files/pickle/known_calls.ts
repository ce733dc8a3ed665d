import { PickleName, PickleObject } from './values.js';

/** Makes the value of a call, or gives `undefined` if the arguments are not those that Python takes. */
type Call = (args: readonly unknown[]) => unknown;

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** Calls that make plain data; all others give an inert `PickleObject`. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', dictionary],
  ['builtins.dict', dictionary],
  ['builtins.list', ([items = []]) => (isList(items) ? [...items] : undefined)],
  ['builtins.tuple', ([items = []]) => (isList(items) ? [...items] : undefined)],
  ['builtins.set', set],
  ['builtins.frozenset', set],
  ['_codecs.encode', encode],
  [
    'copyreg._reconstructor',
    ([type, base]) => {
      if (!(type instanceof PickleName) || !(base instanceof PickleName)) return undefined;
      return new PickleObject(type, []);
    },
  ],
]);

/** The value of a call that makes plain data; `undefined` for any other. */
export function plainData({ full }: PickleName, args: readonly unknown[]): unknown {
  return CALLS.get(full)?.(args);
}

function dictionary([pairs = []]: readonly unknown[]): unknown {
  if (pairs instanceof Map) return new Map(pairs);
  const isWhole = isList(pairs) && pairs.every((pair) => isList(pair) && pair.length === 2);
  return isWhole ? new Map(pairs as [unknown, unknown][]) : undefined;
}

function set([items = []]: readonly unknown[]): unknown {
  return isList(items) || items instanceof Set ? new Set(items) : undefined;
}

/** Bytes as protocol 2 writes them: a text of a character for each byte, in latin1. */
function encode([text, encoding]: readonly unknown[]): unknown {
  if (typeof text !== 'string' || encoding !== 'latin1') return undefined;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
