import { Gpt2Error } from '../base/errors.js';
import { isJsonObject, type JsonObject } from './json_object.js';

/** Deepest nesting of arrays and objects: model files use four levels, and every level takes call stack. */
export const MAX_JSON_DEPTH = 64;

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const FIRST_PRINTABLE = 0x20;

/**
 * JSON of an untrusted file, from its text or its UTF-8 bytes; `where` names the file in messages. Every JSON
 * file of a model is read by this.
 *
 * Stricter than `JSON.parse`, which silently keeps the last of two equal keys, and the same in every runtime:
 * throws `invalid-file` with the position for bytes that are not UTF-8, text that is not JSON, a key that
 * stands twice in one object, and nesting deeper than `MAX_JSON_DEPTH`.
 */
export function parseJson(input: Uint8Array | string, where: string): unknown {
  const text = typeof input === 'string' ? input : decodeUtf8(input, where);
  const { depth, keys } = shapeOf(text);
  if (depth <= MAX_JSON_DEPTH + 1) {
    const value = parsed(text);
    // The parser keeps one of two equal keys: the value then has fewer keys than the text.
    if (value !== undefined && keysIn(value) === keys) return value;
  }
  checkJson(text, where);
  return JSON.parse(text);
}

/** As `parseJson`, for a file that must hold an object. */
export function parseJsonObject(input: Uint8Array | string, where: string): JsonObject {
  const value = parseJson(input, where);
  if (!isJsonObject(value)) throw new Gpt2Error('invalid-file', `${where} must hold a JSON object`);
  return value;
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

function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${where} is not valid UTF-8 text`, { cause });
  }
}

/** Walks the text once by the grammar of RFC 8259. */
function checkJson(text: string, where: string): void {
  let at = 0;

  function wrong(problem: string): Gpt2Error {
    const before = text.slice(0, at).split('\n');
    return new Gpt2Error(
      'invalid-file',
      `${where}: ${problem} at line ${before.length}, column ${before.at(-1)!.length + 1}`,
    );
  }

  function expected(what: string): Gpt2Error {
    const found = at < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)) : 'the end';
    return wrong(`not valid JSON: ${what} expected, ${found} found`);
  }

  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  }

  function skipSpace(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  }

  /** Skips the character and the space around it. */
  function skipMark(mark: string): boolean {
    skipSpace();
    if (text[at] !== mark) return false;
    at++;
    skipSpace();
    return true;
  }

  /** Returns the string as it is written, without its quotes. */
  function string(what: string): string {
    if (text.charCodeAt(at) !== QUOTE) throw expected(what);
    const start = ++at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return text.slice(start, at++);
      if (code === BACKSLASH) {
        if (!skip(ESCAPE)) throw wrong('not valid JSON: unknown escape');
      } else if (code >= FIRST_PRINTABLE) {
        at++;
      } else {
        throw expected('the closing quote of a string'); // a control character, or NaN past the end
      }
    }
  }

  function value(depth: number): void {
    if (depth > MAX_JSON_DEPTH) throw wrong(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    if (text[at] === '{') object(depth);
    else if (text[at] === '[') array(depth);
    else if (text[at] === '"') string('a string');
    else if (!skip(SCALAR)) throw expected('a value');
  }

  function object(depth: number): void {
    const keys = new Set<string>();
    skipMark('{');
    if (skipMark('}')) return;
    do {
      const keyAt = at;
      const written = string('a key in double quotes');
      const key = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
      if (keys.has(key)) {
        at = keyAt;
        throw wrong(`the key ${JSON.stringify(key)} stands twice in one object, again`);
      }
      keys.add(key);
      if (!skipMark(':')) throw expected('":"');
      value(depth + 1);
    } while (skipMark(','));
    if (!skipMark('}')) throw expected('"," or "}"');
  }

  function array(depth: number): void {
    skipMark('[');
    if (skipMark(']')) return;
    do value(depth + 1);
    while (skipMark(','));
    if (!skipMark(']')) throw expected('"," or "]"');
  }

  skipSpace();
  value(0);
  skipSpace();
  if (at < text.length) throw expected('the end');
}
