import { isJsonObject } from '../../files/json_object.js';

/**
 * The only text that stands for a value of JSON (RFC 8785): keys in the order of their UTF-16 units, numbers and
 * strings as JavaScript writes them, no white space.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(',')}}`;
}
