import { Gpt2Error } from '../../../base/errors.js';

/** A value of a document or template: what JSON can hold. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A name or field that does not exist. Only `is defined` and the filter `default` take it. */
export class Missing {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** The error for a template that cannot be evaluated. */
export function templateError(problem: string): Gpt2Error {
  return new Gpt2Error('invalid-file', problem);
}

export function isList(value: unknown): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entry of an object; `undefined` for names that every JavaScript object has. */
export function entry(object: object, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? (object as Record<string, Value>)[key] : undefined;
}

/** Whether Python takes a value for true: zero, nothing and what is empty are false. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Most levels of lists and objects in others. */
export const DEEPEST = 500;

function checkDepth(depth: number): void {
  if (depth > DEEPEST) throw templateError(`a value nests deeper than ${DEEPEST} levels`);
}

/** Characters that take the memory of an item of a list. */
const CHARACTERS_OF_ITEM = 8;

/**
 * Characters, items and entries of a value and of all in it, which count each time that they are in it. At most `most`: a few
 * names may stand for a list without end.
 */
export function sizeOf(value: Value, most: number, depth = 0): number {
  checkDepth(depth);
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  const items: readonly Value[] = isList(value) ? value : Object.values(value);
  let size = CHARACTERS_OF_ITEM * items.length;
  for (const item of items) {
    if (size > most) return size;
    size += sizeOf(item, most - size, depth + 1);
  }
  return size;
}

/** Most characters of a text that is made of others. */
const MOST_MADE = 2 ** 22;

/** Throws if so many texts of a length make too long a text. */
export function checkMade(count: number, length: number): void {
  if (count * length > MOST_MADE) throw templateError('the template makes too long a text');
}

/** Equality as in Python, where lists and objects are compared by their contents. */
export function isEqual(a: Value, b: Value, depth = 0): boolean {
  checkDepth(depth);
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]!, depth + 1));
  }
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key]!, b[key]!, depth + 1))
    );
  }
  return a === b;
}

/** The text of a value as Python's `str` writes it. */
export function asText(value: Value): string {
  if (typeof value === 'string') return value;
  return written(value);
}

/** A value as Python's `repr` writes it. */
function written(value: Value, depth = 0): string {
  checkDepth(depth);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) return `[${value.map((item) => written(item, depth + 1)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoted(key)}: ${written(item, depth + 1)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return `${quote}${escaped}${quote}`;
}
