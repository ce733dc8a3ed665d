import { Gpt2Error } from '../../base/errors.js';
import { MAX_JSON_DEPTH } from '../../files/limits.js';
import type { GenerateOptions } from '../../generate/options.js';

/** A value of JSON. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** Options that change no completion. */
const WITHOUT_EFFECT: readonly string[] = ['signal', 'priority', 'logprobs', 'speculate', 'draft'];

/**
 * Options as JSON. Those that change no completion are left out, and those that are undefined. Throws
 * `invalid-option` with the name of an option that JSON cannot hold.
 */
export function plainOptions(options: GenerateOptions): Readonly<Record<string, Plain>> {
  const given = Object.entries(options).filter(
    ([name, value]) => value !== undefined && !WITHOUT_EFFECT.includes(name),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, plain(name, value, MAX_JSON_DEPTH - 2)]));
}

/** `depth`: how many levels a list or an object may have. */
function plain(name: string, value: unknown, depth: number): Plain {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (depth === 0) {
    throw new Gpt2Error(
      'invalid-option',
      `${name} cannot be recorded: it has a circle, or is nested deeper than ${MAX_JSON_DEPTH - 2} levels`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => plain(name, item, depth - 1));
  // Biases of tokens.
  if (value instanceof Map) return plain(name, Object.fromEntries(value), depth);
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, plain(name, item, depth - 1)]));
  }
  throw new Gpt2Error(
    'invalid-option',
    `${name} cannot be recorded: only strings, finite numbers, booleans, lists and plain objects can be computed again by others`,
  );
}

/** Whether a value is an object of no class, of this realm or another. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
