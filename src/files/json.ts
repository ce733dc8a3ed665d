import { checkJson } from './check_json.js';
import type { JsonObject } from './json_object.js';
import { objectOf, quickJson, textOf } from './quick_json.js';

/**
 * JSON of an untrusted file, from its text or its UTF-8 bytes; `where` names the file in messages. Every JSON
 * file is read by this or by `readJsonText`.
 *
 * Stricter than `JSON.parse`, which silently keeps the last of two equal keys, and the same in every runtime:
 * throws `invalid-file` with the position for bytes that are not UTF-8, text that is not JSON, a key that
 * stands twice in one object, and nesting deeper than `MAX_JSON_DEPTH`.
 */
export function parseJson(input: Uint8Array | string, where: string): unknown {
  const text = textOf(input, where);
  const value = quickJson(text);
  if (value !== undefined) return value;
  checkJson(text, where);
  return JSON.parse(text);
}

/** As `parseJson`, for a file that must hold an object. */
export function parseJsonObject(input: Uint8Array | string, where: string): JsonObject {
  return objectOf(parseJson(input, where), where);
}
