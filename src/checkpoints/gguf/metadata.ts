import { Gpt2Error } from '../../base/errors.js';
import { type HeaderCursor, LENGTH_BYTES } from './cursor.js';
import { StringList } from './string_list.js';

/** Longest key that the format allows. */
const MAX_KEY_BYTES = 65_535;
/** Longest string: each is held in memory, and chat templates and licences have some ten thousand bytes. */
const MAX_STRING_BYTES = 2 ** 24;
/** Longest array: four times as many as a tokenizer may have tokens, of which it has about as many merges. */
export const MAX_ARRAY_LENGTH = 2 ** 22;
/** Most pairs: published models have about thirty. */
export const MAX_PAIRS = 2 ** 16;

type Scalar = number | boolean | string;

interface Value {
  /** The format's name of the type; `array of string` for an array. */
  readonly type: string;
  readonly value: Scalar | readonly Scalar[] | StringList;
}

/** Types of values, each at its number. */
export const VALUE_TYPES = [
  ...(['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'bool', 'string', 'array', 'u64', 'i64'] as const),
  'f64' as const,
];
export type ValueType = (typeof VALUE_TYPES)[number];
type ScalarType = Exclude<ValueType, 'array'>;

const ELEMENT_BYTES: Readonly<Record<ScalarType, number>> = {
  ...{ u8: 1, i8: 1, bool: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, u64: 8, i64: 8, f64: 8 },
  string: LENGTH_BYTES, // at least
};

/**
 * The metadata of a GGUF file. Getters return `undefined` for an absent key and throw for a value of another
 * type.
 */
export class Metadata {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #where: string;

  /** `where` names the file in messages. */
  constructor(values: ReadonlyMap<string, Value>, where: string) {
    this.#values = values;
    this.#where = where;
  }

  /** The pairs whose key begins with `prefix`. */
  *under(prefix: string): Generator<[key: string, value: Scalar | readonly Scalar[]]> {
    for (const [key, { value }] of this.#values) {
      if (key.startsWith(prefix)) yield [key, value instanceof StringList ? [...value] : value];
    }
  }

  text(key: string): string | undefined {
    return this.#get<string>(key, /^string$/, 'a string');
  }

  flag(key: string): boolean | undefined {
    return this.#get<boolean>(key, /^bool$/, 'a bool');
  }

  whole(key: string): number | undefined {
    return this.#get<number>(key, /^[ui]\d+$/, 'an integer');
  }

  real(key: string): number | undefined {
    return this.#get<number>(key, /^f\d+$/, 'a floating-point number');
  }

  texts(key: string): StringList | undefined {
    return this.#get<StringList>(key, /^array of string$/, 'an array of strings');
  }

  wholes(key: string): readonly number[] | undefined {
    return this.#get<readonly number[]>(key, /^array of [ui]\d+$/, 'an array of integers');
  }

  #get<T extends Value['value']>(key: string, types: RegExp, right: string): T | undefined {
    const found = this.#values.get(key);
    if (found === undefined) return undefined;
    if (types.test(found.type)) return found.value as T;
    throw new Gpt2Error(
      'invalid-file',
      `${this.#where}: ${key} is of type ${found.type}; it must be ${right}`,
    );
  }
}

/** Reads `count` pairs. */
export function readMetadata(cursor: HeaderCursor, count: number, where: string): Metadata {
  const values = new Map<string, Value>();
  for (let i = 0; i < count; i++) {
    const key = cursor.string(MAX_KEY_BYTES, `metadata key ${i}`);
    const what = `metadata ${JSON.stringify(key)}`;
    if (values.has(key)) throw cursor.wrong(`${what} stands twice`);
    values.set(key, readValue(cursor, what));
  }
  return new Metadata(values, where);
}

function readValue(cursor: HeaderCursor, what: string): Value {
  const type = readType(cursor, what);
  return type === 'array' ? readArray(cursor, what) : { type, value: readScalar(cursor, type, what) };
}

function readArray(cursor: HeaderCursor, what: string): Value {
  const element = readType(cursor, `${what}, an array,`);
  if (element === 'array') throw cursor.unsupported(`${what} is an array of arrays, which is not read`);
  const length = cursor.count(MAX_ARRAY_LENGTH, `the length of ${what}`);
  // Checked before memory is allocated: the file must have the bytes of an array of this length.
  cursor.require(length * ELEMENT_BYTES[element], what);
  const type = `array of ${element}`;
  if (element === 'string') return { type, value: cursor.strings(length, MAX_STRING_BYTES, what) };
  if (element === 'i32') return { type, value: cursor.i32s(length, what) };
  const values: Scalar[] = [];
  for (let i = 0; i < length; i++) values.push(readScalar(cursor, element, what));
  return { type, value: values };
}

function readType(cursor: HeaderCursor, what: string): ValueType {
  const number = cursor.u32(`the type of ${what}`);
  const type = VALUE_TYPES[number];
  if (type === undefined) {
    throw cursor.wrong(`${what} has the unknown type ${number}; GGUF knows 0 to ${VALUE_TYPES.length - 1}`);
  }
  return type;
}

function readScalar(cursor: HeaderCursor, type: ScalarType, what: string): Scalar {
  return type === 'string' ? cursor.string(MAX_STRING_BYTES, what) : cursor[type](what);
}
