import { refused } from '../refuse.js';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Deepest nesting of a schema: a deeper one would overflow the stack of the functions that walk it. */
const MOST_DEPTH = 250;
/** Most values in a schema: each costs some hundred bytes and some microseconds. */
const MOST_VALUES = 200_000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws if the value is no JSON, contains itself, or is too large. */
export function checkJson(value: unknown, pointer: string): asserts value is Json {
  let count = 0;
  const check = (part: unknown, at: string, depth: number): void => {
    count++;
    if (count > MOST_VALUES)
      throw refused(pointer, `has more than ${MOST_VALUES} values; use a smaller schema`);
    if (depth > MOST_DEPTH)
      throw refused(
        pointer,
        `is nested more than ${MOST_DEPTH} levels deep; flatten it, or refer to itself with $ref`,
      );
    if (part === null || typeof part === 'boolean') return;
    if (typeof part === 'string') {
      if (!isWellFormed(part)) throw refused(at, 'has half of a surrogate pair, which UTF-8 cannot have');
      return;
    }
    if (typeof part === 'number') {
      if (!Number.isFinite(part)) throw refused(at, `is ${part}, which JSON cannot have`);
      return;
    }
    if (typeof part !== 'object') throw refused(at, `is a ${typeof part}, which JSON cannot have`);
    for (const [name, child] of Object.entries(part)) {
      if (child === undefined) continue;
      if (!isWellFormed(name)) throw refused(at, 'has a name with half of a surrogate pair');
      check(child, `${at}/${escapedToken(name)}`, depth + 1);
    }
  };
  check(value, pointer, 0);
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A name as a token of a JSON pointer. */
export function escapedToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The tokens of a JSON pointer without its `#`. */
export function pointerTokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The same text for equal values: object keys sorted. Numbers are equal if their values are. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name]!)}`);
  return `{${members.join()}}`;
}
