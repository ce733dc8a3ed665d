import { Gpt2Error } from './errors.js';
import { type Aliases, aliasHint, plainName } from './option_aliases.js';

/** Longer texts are shortened in messages. */
const SHOWN = 200;

/** Levenshtein distance: the fewest insertions, deletions and substitutions that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * The known name that is closest to a misspelt one, ignoring case and separators (`max_tokens` is
 * `maxTokens`). `undefined` if more than half of the letters differ from every name.
 */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plainName(name);
  // Each letter is compared with each of all names.
  if (wanted.length > SHOWN) return undefined;
  let nearest: string | undefined;
  let least = Math.floor(wanted.length / 2) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, plainName(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** A value as a message shows it; what may be a person's text is not repeated. */
export function show(value: unknown, isText?: boolean): string {
  if (typeof value === 'string') {
    if (isText) return 'a string';
    return value.length <= SHOWN ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, SHOWN))}...`;
  }
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The names in quotes with commas and `or`, as a message lists them. */
export function quotedList(names: readonly string[]): string {
  return `'${names.join("', '")}'`.replace(/, (?=[^,]*$)/, ' or ');
}

/** The error for an option's value: its message says what the value is and what it must be (`right`). */
export function invalidOption(name: string, value: unknown, right: string): Gpt2Error {
  return new Gpt2Error('invalid-option', `${name} is ${show(value)}; it must be ${right}`);
}

/**
 * Throws `invalid-option` if `options` is not an object, has a name that is not among `known`, a `signal`
 * that is not an AbortSignal, or a callback (such as `onProgress`) that is not a function. `aliases`: names
 * of other libraries for these options, in addition to those that are always known.
 */
export function checkOptionNames(
  call: string,
  options: unknown,
  known: readonly string[],
  aliases?: readonly Aliases[],
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption('options', options, 'an object');
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new Gpt2Error(
      'invalid-option',
      `${name.slice(0, SHOWN)} is not an option of ${call}; ${hintFor(name, known, aliases)}`,
    );
  }
  checkCallbacks(options);
}

/**
 * Throws `invalid-option` for a signal that is not an AbortSignal, and for callbacks that are not functions.
 */
function checkCallbacks(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'signal') checkSignal(value);
    else if (/^on[A-Z]/.test(name) && typeof value !== 'function')
      throw invalidOption(name, value, 'a function');
  }
}

/** Throws `invalid-option` for anything but an AbortSignal or undefined. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  const { aborted, addEventListener, removeEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  const isListened = typeof addEventListener === 'function' && typeof removeEventListener === 'function';
  if (typeof aborted === 'boolean' && isListened) return;
  throw invalidOption('signal', signal, 'an AbortSignal');
}

/**
 * A hint for an unknown option: the option that differs only by case and separators, the one that has this
 * name in another library, or the nearest one; otherwise the list of all options.
 */
export function hintFor(name: string, known: readonly string[], aliases?: readonly Aliases[]): string {
  const same = known.find((candidate) => plainName(candidate) === plainName(name));
  if (same !== undefined) return `did you mean ${same}?`;
  const alias = aliasHint(name, known, aliases);
  if (alias !== undefined) return alias;
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return known.length === 0 ? 'it has no options' : `the options are ${known.join(', ')}`;
}
