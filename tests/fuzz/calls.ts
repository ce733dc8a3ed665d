import { changedAs } from './mutations/file.js';
import { jsonOf, type Target, text } from './target.js';

// biome-ignore lint/suspicious/noExplicitAny: a call gets whatever an input says.
type Call = (...args: any[]) => unknown;

/** Functions by name, each with valid arguments as JSON, in which `@NAME` stands for a value of ODD. */
export type Calls = Readonly<Record<string, readonly [call: Call, ...args: unknown[]]>>;

/** Values that JSON lacks, by the texts that stand for them. */
const ODD: Readonly<Record<string, () => unknown>> = {
  '@undefined': () => undefined,
  '@NaN': () => Number.NaN,
  '@Infinity': () => Infinity,
  '@-Infinity': () => -Infinity,
  '@bigint': () => 10n,
  '@symbol': () => Symbol('s'),
  '@function': () => () => 1,
  '@bytes': () => new Uint8Array([1, 2, 3]),
  '@floats': () => new Float32Array([0.5, Number.NaN]),
  '@map': () => new Map([[1, 2]]),
  '@date': () => new Date(0),
  '@holes': () => new Array(3),
  '@long': () => ({ length: 1e9 }),
  '@null-prototype': () => Object.create(null),
  '@promise': () => Promise.resolve(1),
  '@shared': () => new Uint8Array(new SharedArrayBuffer(3)),
  '@proxy': () => new Proxy([1, 2], {}),
  '@cyclic': () => {
    const one: unknown[] = [];
    one.push(one);
    return one;
  },
  '@half-signal': () => ({ aborted: false, addEventListener() {} }),
  '@aborted': () => AbortSignal.abort(),
};

/** Characters of an input: calls compute over their texts, several times over each. */
const LONGEST = 2 ** 12;

// biome-ignore lint/suspicious/noExplicitAny: as of a call.
export const listOf = (value: unknown): any[] => (Array.isArray(value) ? value : []);

function revived(value: unknown): unknown {
  if (typeof value === 'string' && Object.hasOwn(ODD, value)) return ODD[value]!();
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revived(inner)]));
}

/** A target that calls functions: an input is `[name, ...arguments]`. NaN in a result is a failure. */
export function callsTarget(name: string, calls: Calls, words: readonly string[] = []): Target {
  const all = [...words, ...Object.keys(ODD)];
  return {
    ...{ name, kind: 'json', words: all },
    // A token of a text has a row of 1024 logits.
    mostBytes: (length) => 2 ** 26 + 2 ** 13 * length,
    seeds: () => Object.entries(calls).map(([name, [, ...args]]) => text(JSON.stringify([name, ...args]))),
    // The name stays mostly, so that its arguments are what is tried.
    change(input, other, random) {
      const given = jsonOf(input);
      if (!Array.isArray(given) || random.below(20) === 0)
        return changedAs('json', input, other, all, random);
      const [name, ...args] = given as unknown[];
      const donor = jsonOf(other);
      const donors = text(JSON.stringify(Array.isArray(donor) ? donor.slice(1) : []));
      const changed = jsonOf(changedAs('json', text(JSON.stringify(args)), donors, all, random));
      const call = JSON.stringify([name, ...(Array.isArray(changed) ? changed : [changed])]);
      return call.length > LONGEST ? input : text(call);
    },
    async read(input) {
      const given = jsonOf(input);
      const [name, ...args] = Array.isArray(given) ? (given as unknown[]) : [undefined];
      if (typeof name !== 'string' || !Object.hasOwn(calls, name)) return;
      mustHaveNoNaN(await calls[name]![0](...args.map(revived)), name);
    },
  };
}

/** Throws if a number within a value is NaN. */
function mustHaveNoNaN(value: unknown, place: string): void {
  if (Number.isNaN(value)) throw new Error(`${place} is NaN`);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const entries = value instanceof Map ? [...value] : Object.entries(value).slice(0, 5000);
  for (const [name, inner] of entries) mustHaveNoNaN(inner, `${place}.${String(name)}`);
}
