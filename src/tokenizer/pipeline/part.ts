import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { quote } from '../token_table.js';

/** UTF-16 units of the longest text that replaces or precedes others. */
const MOST_UNITS = 1024;
/** Most steps of a part that is a sequence; those in use have less than twenty. */
const MOST_STEPS = 64;
/** Most classes of Unicode in the regular expressions of a part and its steps; those in use have some thirty. */
const MOST_CLASSES = 128;

/** A part of a tokenizer.json: its fields, read with checks. */
export class Part {
  readonly json: JsonObject;
  /** Names the part in messages: the file, then "the normalizer Strip". */
  readonly where: string;
  /** The classes that regular expressions may still have. */
  readonly budget: { classes: number };

  constructor(json: JsonObject, where: string, budget = { classes: MOST_CLASSES }) {
    this.json = json;
    this.where = where;
    this.budget = budget;
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
    this.checkShort(name, text);
    return text;
  }

  checkShort(name: string, text: string): void {
    if (text.length > MOST_UNITS) throw this.unsupported(`${name} of ${text.length} characters`);
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
export function partOf(
  value: unknown,
  kind: string,
  file: string,
  budget?: Part['budget'],
): Part | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Gpt2Error('invalid-file', `${file}: the ${kind} is no object`);
  return new Part(
    value,
    `${file}: the ${kind} ${typeof value.type === 'string' ? value.type : quote(value)}`,
    budget,
  );
}

/**
 * The steps of a part: those in its list `name`, and in theirs, if it is a sequence. `kind`: "normalizer"; `known` has the
 * types that steps may have. Throws `invalid-file`, and `unsupported` for other types and for too many.
 */
export function stepsOf(
  value: unknown,
  kind: string,
  name: string,
  file: string,
  known: object,
): readonly Part[] {
  const steps: Part[] = [];
  const add = (part: Part | undefined) => {
    if (part?.type === 'Sequence') {
      for (const inner of part.list(name)) {
        if (inner === null) throw part.invalid('one of its steps is null');
        add(partOf(inner, kind, file, part.budget));
      }
    } else if (part !== undefined) steps.push(part);
    if (part !== undefined && steps.length > MOST_STEPS)
      throw part.unsupported(`more than ${MOST_STEPS} steps`);
  };
  add(partOf(value, kind, file));
  const other = steps.find(({ type }) => !Object.hasOwn(known, type));
  if (other !== undefined) throw unknownPart(other);
  return steps;
}

/** The error for a type of a part that is not read. */
export const unknownPart = (part: Part): Gpt2Error =>
  new Gpt2Error('unsupported', `${part.where} is not supported`);
