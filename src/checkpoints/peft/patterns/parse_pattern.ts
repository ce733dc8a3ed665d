import { TextCursor } from '../../../base/text_cursor.js';

/** One character, by whether it is accepted. */
export type CharacterTest = (character: string) => boolean;

/** A parsed regular expression. */
export type Pattern =
  | { readonly type: 'character'; readonly test: CharacterTest }
  | { readonly type: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly type: 'choice'; readonly options: readonly Pattern[] }
  | { readonly type: 'repeat'; readonly part: Pattern; readonly least: number; readonly most: number }
  | { readonly type: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly type: 'ahead'; readonly part: Pattern; readonly isNegative: boolean };

/** Says what of Python's syntax is not read. */
export class PatternError extends Error {}

const isDigit: CharacterTest = (character) => /^\d$/.test(character);
export const isWord: CharacterTest = (character) => /^\w$/.test(character);
const isSpace: CharacterTest = (character) => /^\s$/.test(character);
const not =
  (test: CharacterTest): CharacterTest =>
  (character) =>
    !test(character);

const CLASSES: Readonly<Record<string, CharacterTest>> = {
  ...{ d: isDigit, w: isWord, s: isSpace },
  ...{ D: not(isDigit), W: not(isWord), S: not(isSpace) },
};
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };
const ANCHORS: Readonly<Record<string, Pattern>> = {
  ...{ A: { type: 'start' }, Z: { type: 'end' } },
  ...{ b: { type: 'boundary' }, B: { type: 'inside' } },
};

/** Groups in groups, at most. */
const MAX_DEPTH = 50;

/**
 * Parses a regular expression in Python's syntax: all but back references, look-behind, flags, and possessive or
 * atomic parts. Throws `PatternError`.
 */
export function parsePattern(source: string): Pattern {
  const parser = new Parser(source);
  const pattern = parser.choice();
  parser.expectEnd();
  return pattern;
}

class Parser extends TextCursor {
  #depth = 0;

  expectEnd(): void {
    if (!this.isAtEnd) throw new PatternError('a group is closed that was not opened');
  }

  choice(): Pattern {
    if (++this.#depth > MAX_DEPTH) throw new PatternError(`more than ${MAX_DEPTH} groups in each other`);
    const options = [this.#sequence()];
    while (this.take('|')) options.push(this.#sequence());
    this.#depth--;
    return options.length === 1 ? options[0]! : { type: 'choice', options };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (!this.isAtEnd && !'|)'.includes(this.next)) parts.push(this.#repeated());
    return parts.length === 1 ? parts[0]! : { type: 'sequence', parts };
  }

  #repeated(): Pattern {
    const part = this.#single();
    const range = this.#range();
    if (range === undefined) return part;
    // Whether a match is the longest one does not matter, only whether there is one.
    this.take('?');
    if (this.next === '+' || this.next === '*' || this.next === '?') {
      throw new PatternError('a repetition of a repetition');
    }
    return { type: 'repeat', part, ...range };
  }

  #range(): { least: number; most: number } | undefined {
    if (this.take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.take('?')) return { least: 0, most: 1 };
    // As in Python, other braces stand for themselves.
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(this.text.slice(this.at, this.at + 20));
    if (found === null || found[0] === '{}') return undefined;
    this.at += found[0].length;
    const [, low, comma, high] = found;
    const least = Number(low);
    const most = comma === '' ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (least > most) throw new PatternError('a repetition whose least count is above its most');
    return { least, most };
  }

  #single(): Pattern {
    const character = this.#character();
    if (character === '(') return this.#group();
    if (character === '[') return { type: 'character', test: this.#set() };
    if (character === '.') return { type: 'character', test: (each) => each !== '\n' };
    if (character === '^') return { type: 'start' };
    if (character === '$') return { type: 'end' };
    if ('*+?'.includes(character)) throw new PatternError('a repetition of nothing');
    if (character !== '\\') return literal(character);
    const escaped = this.#character();
    return ANCHORS[escaped] ?? { type: 'character', test: this.#escape(escaped) };
  }

  #group(): Pattern {
    let wrap = (part: Pattern) => part;
    if (this.take('?')) {
      if (this.take('=')) wrap = (part) => ({ type: 'ahead', part, isNegative: false });
      else if (this.take('!')) wrap = (part) => ({ type: 'ahead', part, isNegative: true });
      else if (this.take('P<')) this.#name();
      else if (!this.take(':')) throw new PatternError(`(?${this.next}`);
    }
    const part = this.choice();
    if (!this.take(')')) throw new PatternError('a group that is not closed');
    return wrap(part);
  }

  #name(): void {
    const end = this.text.indexOf('>', this.at);
    if (end < 0) throw new PatternError('a group whose name does not end');
    this.at = end + 1;
  }

  #set(): CharacterTest {
    const isNegative = this.take('^');
    const tests: CharacterTest[] = [];
    // A bracket at the beginning stands for itself.
    for (let isFirst = true; isFirst || this.next !== ']'; isFirst = false) {
      const low = this.#character();
      if (low === '\\') {
        tests.push(this.#escape(this.#character()));
      } else if (this.next === '-' && this.text[this.at + 1] !== ']') {
        this.#character();
        const high = this.#character();
        if (high === '\\' || high < low) throw new PatternError(`the range ${low}-${high}`);
        tests.push((character) => character >= low && character <= high);
      } else tests.push((character) => character === low);
    }
    this.#character();
    return (character) => tests.some((test) => test(character)) !== isNegative;
  }

  #escape(escaped: string): CharacterTest {
    const test = CLASSES[escaped];
    if (test !== undefined) return test;
    const control = CONTROLS[escaped];
    if (control === undefined && /[0-9A-Za-z]/.test(escaped)) throw new PatternError(`\\${escaped}`);
    return (character) => character === (control ?? escaped);
  }

  #character(): string {
    if (this.isAtEnd) throw new PatternError('an end in the middle');
    return this.text[this.at++]!;
  }
}

function literal(wanted: string): Pattern {
  return { type: 'character', test: (character) => character === wanted };
}
