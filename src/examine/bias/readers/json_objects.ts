import { Gpt2Error } from '../../../base/errors.js';
import { parseJsonObject } from '../../../files/json.js';
import type { JsonObject } from '../../../files/json_object.js';
import { type FileText, fileLines, noEntries } from './file_text.js';

/** An object of a line of JSON lines. */
export interface PlacedObject {
  /** The file and the line, for messages. */
  readonly place: string;
  readonly object: JsonObject;
}

/** The objects of JSON lines. Throws `invalid-file`, also if there is none. */
export function jsonLines(file: FileText, name: string): PlacedObject[] {
  const lines = fileLines(file, name);
  if (lines.length === 0) throw noEntries(name, 'lines');
  return lines.map(({ number, text }) => {
    const place = `${name} line ${number}`;
    return { place, object: parseJsonObject(text, place) };
  });
}

/** The text of a key that is not empty. Throws `invalid-file`. */
export function textOf(object: JsonObject, key: string, place: string): string {
  const value = object[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new Gpt2Error('invalid-file', `${place} needs the text "${key}"`);
}

/** The text of a key, if it has one. */
export function textIfAny(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}
