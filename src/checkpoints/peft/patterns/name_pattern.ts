import { Gpt2Error } from '../../../base/errors.js';
import { isWord, type Pattern, PatternError, parsePattern } from './parse_pattern.js';

/** Characters of a pattern at most, and of a name that is compared. */
const MAX_PATTERN = 1000;
const MAX_NAME = 200;
/** Visits of the parts of all patterns of a config: one comparison takes some dozens, and a loop in loops too many. */
const MAX_VISITS = 500_000;

/** Visits so far, of all patterns of a config. */
export interface Visits {
  count: number;
}

/** A regular expression of an adapter's config, which matches names of modules as a whole or their ends after a dot. */
export class NamePattern {
  readonly #source: string;
  readonly #where: string;
  /** A pattern without operators matches only texts of its length, so that most names need no more. */
  readonly #parsed: Pattern | undefined;

  /** `where` says in messages whose pattern it is. Throws `unsupported` for what is not read. */
  constructor(source: string, where: string) {
    this.#source = source;
    this.#where = where;
    if (/^[\w.]*$/.test(source)) return;
    if (source.length > MAX_PATTERN) throw this.#error(`more than ${MAX_PATTERN} characters`);
    try {
      this.#parsed = parsePattern(source);
    } catch (error) {
      throw error instanceof PatternError ? this.#error(error.message) : error;
    }
  }

  /** Whether it matches a name, or the part of it after a dot. Throws `unsupported` if that takes too long. */
  matches(name: string, visits: Visits): boolean {
    const parsed = this.#parsed;
    if (name.length > MAX_NAME) throw this.#error(`a name of more than ${MAX_NAME} characters to compare`);
    if (parsed === undefined) return matchesEnd(this.#source, name);
    const matcher = new Matcher(name, visits, () => this.#error('loops that take too long'));
    let starts = 1n;
    for (let i = 0; i < name.length; i++) if (name[i] === '.') starts |= 1n << BigInt(i + 1);
    return (matcher.ends(parsed, starts) & (1n << BigInt(name.length))) !== 0n;
  }

  #error(reason: string): Gpt2Error {
    const shown = this.#source.length > 80 ? `${this.#source.slice(0, 80)}...` : this.#source;
    return new Gpt2Error(
      'unsupported',
      `${this.#where} has the pattern ${JSON.stringify(shown)} with ${reason}`,
    );
  }
}

/** As a pattern of letters and dots matches, a dot being any character. */
function matchesEnd(pattern: string, name: string): boolean {
  const start = name.length - pattern.length;
  if (start < 0 || (start > 0 && name[start - 1] !== '.')) return false;
  return [...pattern].every((character, i) => character === '.' || character === name[start + i]);
}

/** Matches a pattern at many places of a text at once: sets of places are bits of a number. */
class Matcher {
  readonly #text: string;
  readonly #tooLong: () => Error;
  readonly #all: bigint;
  readonly #places = new Map<Pattern, bigint>();
  readonly #visits: Visits;

  constructor(text: string, visits: Visits, tooLong: () => Error) {
    this.#text = text;
    this.#visits = visits;
    this.#tooLong = tooLong;
    this.#all = (1n << BigInt(text.length + 1)) - 1n;
  }

  /** The places where matches of a pattern end that begin at any of `starts`. */
  ends(pattern: Pattern, starts: bigint): bigint {
    if (++this.#visits.count > MAX_VISITS) throw this.#tooLong();
    switch (pattern.type) {
      case 'character':
        return (starts & this.#accepted(pattern)) << 1n;
      case 'sequence':
        return pattern.parts.reduce((places, part) => (places === 0n ? 0n : this.ends(part, places)), starts);
      case 'choice':
        return pattern.options.reduce((places, option) => places | this.ends(option, starts), 0n);
      case 'repeat':
        return this.#repeated(pattern.part, pattern.least, pattern.most, starts);
      case 'start':
        return starts & 1n;
      case 'end':
        return starts & (1n << BigInt(this.#text.length));
      case 'boundary':
        return starts & this.#boundaries();
      case 'inside':
        return starts & this.#all & ~this.#boundaries();
      case 'ahead':
        return (
          starts &
          this.#placesOf(
            (i) =>
              ((starts >> BigInt(i)) & 1n) === 1n &&
              (this.ends(pattern.part, 1n << BigInt(i)) !== 0n) !== pattern.isNegative,
          )
        );
    }
  }

  #repeated(part: Pattern, least: number, most: number, starts: bigint): bigint {
    let places = starts;
    for (let i = 0; i < least && places !== 0n; i++) {
      const next = this.ends(part, places);
      // An empty match may be repeated as often as one likes.
      if (next === places) break;
      places = next;
    }
    let reached = places;
    let latest = places;
    for (let i = least; i < most && latest !== 0n; i++) {
      latest = this.ends(part, latest) & ~reached;
      reached |= latest;
    }
    return reached;
  }

  /** The places of the characters that a part accepts. */
  #accepted(part: Pattern & { type: 'character' }): bigint {
    let places = this.#places.get(part);
    if (places === undefined) {
      places = this.#placesOf((i) => i < this.#text.length && part.test(this.#text[i]!));
      this.#places.set(part, places);
    }
    return places;
  }

  #boundaries(): bigint {
    const isWordAt = (i: number) => i >= 0 && i < this.#text.length && isWord(this.#text[i]!);
    return this.#placesOf((i) => isWordAt(i - 1) !== isWordAt(i));
  }

  #placesOf(is: (index: number) => boolean): bigint {
    let places = 0n;
    for (let i = 0; i <= this.#text.length; i++) if (is(i)) places |= 1n << BigInt(i);
    return places;
  }
}
