import { invalidOption, show } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import type { Doc } from '../config/task_config.js';
import { DEEPEST, isObject, type Value } from './values.js';

/**
 * A copy of a value that a program gave, without fields that are undefined. Throws `invalid-option` if JSON cannot hold it:
 * it is, or contains, a number that is not finite, a Date, a typed array, itself and so on. `where` begins the message.
 */
export function jsonValue(given: unknown, where: string): Value {
  /** Objects that were read; undefined while they are. */
  const known = new Map<object, Value | undefined>();

  function copy(value: unknown, depth: number): Value {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (!isListOrObject(value)) throw wrong(typeof value === 'object' ? kindOf(value) : show(value, true));
    if (depth > DEEPEST) throw wrong(`a value that nests deeper than ${DEEPEST} levels`);
    if (known.has(value)) {
      const copied = known.get(value);
      if (copied === undefined) throw wrong('a value that contains itself');
      return copied;
    }
    known.set(value, undefined);
    const copied = Array.isArray(value) ? items(value, depth) : fields(value, depth);
    known.set(value, copied);
    return copied;
  }

  function items(list: readonly unknown[], depth: number): Value {
    const copied: Value[] = [];
    // Holes are undefined: the first one ends the reading of a list of any length.
    for (let i = 0; i < list.length; i++) copied.push(copy(list[i], depth + 1));
    return copied;
  }

  function fields(object: object, depth: number): Value {
    const given = Object.entries(object).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.map(([key, value]) => [key, copy(value, depth + 1)]));
  }

  const wrong = (what: string) =>
    new Gpt2Error(
      'invalid-option',
      `${where} has ${what}; it must be what JSON can hold: text, finite numbers, true, false, null, and lists and objects of these`,
    );

  return copy(given, 0);
}

/** The same for a document, which is an object. */
export function jsonDocument(given: unknown, where: string): Doc {
  const value = jsonValue(given, where);
  if (isObject(value)) return value;
  throw invalidOption(where, given, 'an object');
}

function isListOrObject(value: unknown): value is object {
  return Array.isArray(value) || kindOf(value) === 'Object';
}

/** Such as `Object`, `Date`, `Float32Array`; of any realm. */
const kindOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);
