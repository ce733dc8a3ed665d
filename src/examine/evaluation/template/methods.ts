import { capitalized, PYTHON_SPACES, strip, stripEnd, stripStart } from '../python_space.js';
import { asText, checkMade, isEqual, isList, isObject, templateError, type Value } from './values.js';

type Method<T> = (value: T, ...args: Value[]) => Value;

/** The methods of Python's strings that templates may call. */
const STRING_METHODS: Readonly<Record<string, Method<string>>> = {
  strip: (text, around) => stripped(text, around, true, true),
  lstrip: (text, around) => stripped(text, around, true, false),
  rstrip: (text, around) => stripped(text, around, false, true),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  capitalize: (text) => capitalized(text),
  title: (text) => text.replace(/\p{L}+/gu, capitalized),
  split: (text, at, most) => split(text, at, most),
  replace(text, from, to) {
    const [old, other] = [string(from, 'replace'), string(to, 'replace')];
    checkMade(text.split(old).length, other.length);
    return text.replaceAll(old, () => other);
  },
  startswith: (text, part) => text.startsWith(string(part, 'startswith')),
  endswith: (text, part) => text.endsWith(string(part, 'endswith')),
  find: (text, part) => text.indexOf(string(part, 'find')),
  index(text, part) {
    const found = text.indexOf(string(part, 'index'));
    if (found === -1) throw templateError(`index does not find ${JSON.stringify(part)}`);
    return found;
  },
  count: (text, part) => text.split(string(part, 'count')).length - 1,
  join: (text, list) => joined(items(list, 'join'), text),
  isdigit: (text) => /^\d+$/.test(text),
};

const LIST_METHODS: Readonly<Record<string, Method<readonly Value[]>>> = {
  index(list, item) {
    const found = list.findIndex((other) => isEqual(other, item!));
    if (found === -1) throw templateError(`index does not find ${JSON.stringify(item)} in the list`);
    return found;
  },
  count: (list, item) => list.filter((other) => isEqual(other, item!)).length,
};

const OBJECT_METHODS: Readonly<Record<string, Method<{ readonly [key: string]: Value }>>> = {
  keys: (object) => Object.keys(object),
  values: (object) => Object.values(object),
  items: (object) => Object.entries(object),
  get: (object, key, other = null) =>
    Object.hasOwn(object, string(key, 'get')) ? object[key as string]! : other,
};

/** Calls a method of a value. Throws `invalid-file` for one that it does not have. */
export function callMethod(value: Value, name: string, args: readonly Value[]): Value {
  const table =
    typeof value === 'string'
      ? STRING_METHODS
      : isList(value)
        ? LIST_METHODS
        : isObject(value)
          ? OBJECT_METHODS
          : {};
  if (!Object.hasOwn(table, name)) {
    const known = Object.keys(table).join(', ') || 'none';
    throw templateError(`${asText(value).slice(0, 40)} has no method ${name}; its methods are ${known}`);
  }
  return (table as Record<string, Method<Value>>)[name]!(value, ...args);
}

/** The texts of some values with another between each two. */
export function joined(values: readonly Value[], between: string): string {
  checkMade(values.length, between.length);
  return values.map(asText).join(between);
}

function string(value: Value | undefined, method: string): string {
  if (typeof value === 'string') return value;
  throw templateError(`${method} needs a text`);
}

function items(value: Value | undefined, method: string): readonly Value[] {
  if (isList(value)) return value;
  throw templateError(`${method} needs a list`);
}

function stripped(text: string, around: Value | undefined, start: boolean, end: boolean): string {
  if (around === undefined || around === null) {
    if (start && end) return strip(text);
    return start ? stripStart(text) : stripEnd(text);
  }
  const characters = [...text];
  const isRemoved = (character: string | undefined) =>
    character !== undefined && string(around, 'strip').includes(character);
  let from = 0;
  let to = characters.length;
  while (start && from < to && isRemoved(characters[from])) from++;
  while (end && from < to && isRemoved(characters[to - 1])) to--;
  return characters.slice(from, to).join('');
}

/** The parts of a text between separators, at most `most` + 1; without one, the words between white space. */
function split(text: string, at: Value | undefined, most: Value | undefined): string[] {
  const isWords = at === undefined || at === null;
  const parts = isWords ? text.split(PYTHON_SPACES).filter((part) => part !== '') : text.split(separator(at));
  if (typeof most !== 'number' || most < 0 || parts.length <= most + 1) return parts;
  if (isWords) throw templateError('split with a number of parts needs a separator');
  return [...parts.slice(0, most), parts.slice(most).join(separator(at))];
}

function separator(at: Value): string {
  if (at !== '') return string(at, 'split');
  throw templateError('split needs a separator that is not empty');
}
