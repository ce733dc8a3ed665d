import { Gpt2Error } from '../base/errors.js';
import { isJsonObject, type JsonObject } from './json_object.js';
import { MAX_JSON_DEPTH } from './limits.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * As `parseJson`. The code that finds what is wrong with a text is loaded on demand, since most files of
 * models are right.
 */
export async function readJsonText(input: Uint8Array | string, where: string): Promise<unknown> {
  const text = textOf(input, where);
  const value = quickJson(text);
  if (value !== undefined) return value;
  (await import('./check_json.js')).checkJson(text, where);
  return JSON.parse(text);
}

/** As `readJsonText`, for a file that must hold an object. */
export async function readJsonObject(input: Uint8Array | string, where: string): Promise<JsonObject> {
  return objectOf(await readJsonText(input, where), where);
}

export function objectOf(value: unknown, where: string): JsonObject {
  if (!isJsonObject(value)) throw new Gpt2Error('invalid-file', `${where} must hold a JSON object`);
  return value;
}

/** The value of a text that is right; `undefined` if it is not JSON, has a key twice or is nested too deep. */
export function quickJson(text: string): unknown {
  const { depth, keys } = shapeOf(text);
  if (depth > MAX_JSON_DEPTH + 1) return undefined;
  const value = parsed(text);
  // The parser keeps one of two equal keys: the value then has fewer keys than the text.
  return value !== undefined && keysIn(value) === keys ? value : undefined;
}

/** The value of a text, `undefined` if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The deepest nesting of arrays and objects, and the number of keys; meaningless if the text is not JSON. */
function shapeOf(text: string): { depth: number; keys: number } {
  let depth = 0;
  let level = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = closingQuote(text, at + 1);
    else if (code === COLON) keys++;
    else if (code === 0x5b || code === 0x7b) depth = Math.max(depth, ++level);
    else if (code === 0x5d || code === 0x7d) level--;
  }
  return { depth, keys };
}

/** Position of the quote that closes the string from `start` on; the length of the text if there is none. */
function closingQuote(text: string, start: number): number {
  for (let from = start; ; ) {
    const end = text.indexOf('"', from);
    if (end === -1) return text.length;
    let escapes = end;
    while (escapes > start && text.charCodeAt(escapes - 1) === BACKSLASH) escapes--;
    if ((end - escapes) % 2 === 0) return end;
    from = end + 1;
  }
}

/** Number of keys of all objects in a value, which must not be nested deeper than `MAX_JSON_DEPTH`. */
function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let keys = Array.isArray(value) ? 0 : inner.length;
  for (const item of inner) if (typeof item === 'object') keys += keysIn(item);
  return keys;
}

/** The text of UTF-8 bytes. Throws `invalid-file`. */
export function textOf(input: Uint8Array | string, where: string): string {
  if (typeof input === 'string') return input;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${where} is not valid UTF-8 text`, { cause });
  }
}
