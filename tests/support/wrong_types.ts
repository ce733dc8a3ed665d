import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';

type Call = (...args: never[]) => unknown;

/** Functions with valid arguments. If an argument is an object, each of its fields is replaced too. */
export type ValidCalls = Readonly<Record<string, [call: Call, ...args: unknown[]]>>;

/** Thrown by getters, traps and functions of the user. */
class OwnError extends Error {}
const throws = () => {
  throw new OwnError('of the user');
};

/** A function, because a worker takes the buffers of its values: each test needs new ones. */
const wrongValues = (): unknown[] => [
  ...[undefined, null, true, false, 0, -0, -1, 1.5, 7, 2 ** 31, 2 ** 53, 1e308, Infinity, Number.NaN, 10n],
  ...['', ' ', 'x', 'notes', '\0', '\ud800', '__proto__', Symbol('s')],
  ...[[], new Array(3), [1, 2, 3], ['a'], [null], [undefined], [Symbol('s')], [[]], [{}]],
  ...[{}, Object.create(null), { length: 2 }, { length: -1 }, { length: 1e9 }, { length: 'x' }],
  ...[() => {}, async () => {}, throws, function* () {}],
  ...[new Date(0), /x/, new Map(), new Map([[1, 2]]), new Set(['a']), new WeakMap(), new Error('x')],
  ...[new String('x'), new Number(3), new Boolean(false), Object(Symbol('s')), Object(10n)],
  ...[new Uint8Array(3), new Float64Array([0.5]), new BigInt64Array(2), new ArrayBuffer(4)],
  ...[new DataView(new ArrayBuffer(4)), new Blob(['x']), new URL('x:y'), new AbortController()],
  ...[Promise.resolve(1), new Proxy({}, {}), new Proxy([], {}), new Proxy(() => {}, {})],
  ...[{ name: 'x' }, { name: 'x', list: 1, read: 1 }, { name: 'x', list: () => 1, read: () => 1 }],
  ...[
    { source: 1, weight: 2 },
    { encode: 1, decode: 1 },
    { encode: () => 1, decode: () => 1 },
  ],
  { prompt: 1, completion: 2 },
  { [Symbol.iterator]: throws },
  { [Symbol.toPrimitive]: throws },
  { toString: throws, valueOf: throws },
  {
    get name() {
      return throws();
    },
  },
  new Proxy({}, { get: throws, ownKeys: throws, has: throws }),
];

async function outcome(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    await (call as (...given: unknown[]) => unknown)(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Calls each function with values of the wrong type, one argument or field at a time. */
export function triesWrongTypes(test: Test, calls: ValidCalls): void {
  for (const [name, [call, ...args]] of Object.entries(calls)) {
    test(`${name} works or throws a Gpt2Error, whatever it is given`, async () => {
      const right = await outcome(call, args);
      assert.is(right, undefined, `${name} with arguments that work: ${(right as Error)?.stack}`);
      const wrong: string[] = [];
      const attempt = async (where: string, given: readonly unknown[]) => {
        const error = await outcome(call, given);
        if (error === undefined || error instanceof Gpt2Error || error instanceof OwnError) return;
        wrong.push(
          `${where}: ${String((error as Error)?.stack)
            .split('\n')
            .slice(0, 3)
            .join(' ')}`,
        );
      };
      for (const [index, argument] of args.entries()) {
        for (const [place, value] of wrongValues().entries()) {
          // Named by its index, because some values throw when they are printed.
          await attempt(`argument ${index} = value ${place}`, args.with(index, value));
          if (argument === undefined || Object.getPrototypeOf(Object(argument)) !== Object.prototype)
            continue;
          const fields = Object.keys(argument as object);
          for (const field of [...fields, 'noSuchField']) {
            const changed = { ...(argument as object), [field]: value };
            await attempt(`argument ${index}.${field} = value ${place}`, args.with(index, changed));
          }
        }
      }
      if (wrong.length > 0) assert.unreachable(wrong.join('\n'));
    });
  }
}
