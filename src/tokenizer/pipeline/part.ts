import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { quote } from '../token_table.js';

/** UTF-16 units of the longest text that replaces or precedes others. */
const MOST_UNITS = 1024;

/** A part of a tokenizer.json: its fields, read with checks. */
export class Part {
  readonly json: JsonObject;
  /** Names the part in messages: the file, then "the normalizer Strip". */
  readonly where: string;

  constructor(json: JsonObject, where: string) {
    this.json = json;
    this.where = where;
  }

  get type(): string {
    const { type } = this.json;
    return typeof type === 'string' ? type : '';
  }

  invalid(problem: string): Gpt2Error {
    return new Gpt2Error('invalid-file', `${this.where}: ${problem}`);
  }

  unsupported(what: string): Gpt2Error {
    return new Gpt2Error('unsupported', `${this.where}: ${what} is not supported`);
  }

  text(name: string, otherwise?: string): string {
    const value = this.json[name] ?? otherwise;
    if (typeof value === 'string') return value;
    throw this.invalid(`${name} is ${quote(value)}, not a text`);
  }

  /** A text that may be written many times for one character of a text, and is short therefore. */
  shortText(name: string, otherwise?: string): string {
    const text = this.text(name, otherwise);
    if (text.length <= MOST_UNITS) return text;
    throw this.unsupported(`${name} of ${text.length} characters`);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.json[name] ?? otherwise;
    if (typeof value === 'boolean') return value;
    throw this.invalid(`${name} is ${quote(value)}, not true or false`);
  }

  whole(name: string, otherwise?: number): number {
    const value = this.json[name] ?? otherwise;
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw this.invalid(`${name} is ${quote(value)}, not a whole number`);
  }

  /** A field that names one of a few behaviours. */
  oneOf<T extends string>(name: string, values: readonly T[], otherwise?: T): T {
    const value = this.json[name] ?? otherwise;
    if (values.includes(value as T)) return value as T;
    throw this.unsupported(`${name} ${quote(value)}`);
  }

  list(name: string): readonly unknown[] {
    const value = this.json[name];
    if (Array.isArray(value)) return value;
    throw this.invalid(`${name} is no array`);
  }
}

/** A part of a file, or undefined for null. `kind`: "normalizer". Throws `invalid-file`. */
export function partOf(value: unknown, kind: string, file: string): Part | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Gpt2Error('invalid-file', `${file}: the ${kind} is no object`);
  return new Part(
    value,
    `${file}: the ${kind} ${typeof value.type === 'string' ? value.type : quote(value)}`,
  );
}

/** The error for a type of a part that is not read. */
export const unknownPart = (part: Part): Gpt2Error =>
  new Gpt2Error('unsupported', `${part.where} is not supported`);
