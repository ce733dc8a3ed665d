import { Gpt2Error } from '../../../base/errors.js';
import { waysOfRounds } from '../../../base/ways_of_rounds.js';
import { quote } from '../../token_table.js';
import {
  type Atom,
  characterSource,
  grouped,
  inRow,
  literal,
  type Options,
  oneOf,
  oneOfClass,
  single,
  withOptions,
} from './atom.js';
import { CharacterClassReader, setSource } from './character_class.js';
import { namedSet, setAlone } from './properties.js';
import { Reader } from './reader.js';

/** A regular expression of JavaScript. */
export interface Translated {
  readonly source: string;
  readonly flags: string;
  /** The classes of Unicode in it. */
  readonly classes: number;
}

/** Each of these in a row multiplies the time by the length of the text. */
const MOST_UNBOUNDED = 4;
const MOST_REPEATS = 1000;
/** Most repeats of what matches in several ways. */
const MOST_OF_VARIABLE = 8;
/** Most ways to match: all are tried before a place does not match. */
const MOST_WAYS = 65_536;
const MOST_NESTED = 50;
/** UTF-16 units of the longest expression; those in use have less than a thousand. */
const MOST_UNITS = 4096;
/** A class of most of Unicode in an expression of JavaScript, which compiles it to many cases. */
const UNICODE_CLASS = /\\p\{|\[\^/gi;

const WORD = setSource(setAlone(namedSet('word')!));
const ESCAPES: Readonly<Record<string, string>> = {
  // Anchors, by the letter after the backslash.
  A: '^',
  z: '$',
  Z: String.raw`(?=\n?$)`,
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  N: String.raw`[^\n]`,
  O: '[^]',
};
const LINE_BREAK = String.raw`(?:\r\n|[\n-\r\u{85}\u{2028}\u{2029}])`;

/**
 * Translates a regular expression of Oniguruma, which the tokenizers library uses, to JavaScript. Throws `unsupported` for
 * what JavaScript cannot say, for repetitions within repetitions, whose time could be exponential, and for more than
 * `mostClasses` classes of Unicode.
 */
export function translate(pattern: string, where: string, mostClasses: number): Translated {
  return new Translator(pattern, where).translate(mostClasses);
}

class Translator {
  readonly #reader: Reader;
  readonly #pattern: string;
  readonly #where: string;
  readonly #classes: CharacterClassReader;
  /** Capturing groups so far, and the numbers of those that are referred to. */
  #groups = 0;
  #atomics = 0;
  readonly #names = new Map<string, number>();
  #depth = 0;

  constructor(pattern: string, where: string) {
    this.#pattern = pattern;
    this.#where = where;
    this.#reader = new Reader(pattern);
    this.#classes = new CharacterClassReader(this.#reader, (what) => this.#refuse(what));
  }

  translate(mostClasses: number): Translated {
    if (this.#pattern.length > MOST_UNITS) throw this.#refuse(`more than ${MOST_UNITS} characters`);
    const { source } = this.#alternatives({ ignoreCase: false, dotAll: false, extended: false });
    if (!this.#reader.isAtEnd) throw this.#refuse('a ")" without "("');
    const classes = source.match(UNICODE_CLASS)?.length ?? 0;
    if (classes > mostClasses) throw this.#refuse('too many character classes, with those before it');
    const flags = this.#classes.needsSets ? 'gv' : 'gu';
    try {
      new RegExp(source, flags);
    } catch (cause) {
      throw this.#refuse(`which JavaScript does not take (${(cause as Error).message})`);
    }
    return { source, flags, classes };
  }

  #refuse(what: string): Gpt2Error {
    return new Gpt2Error(
      'unsupported',
      `${this.#where}: the regular expression ${quote(this.#pattern)} has ${what}, which is not supported`,
    );
  }

  #alternatives(options: Options): Atom {
    const branches: Atom[] = [];
    do branches.push(this.#sequence(options));
    while (this.#reader.take('|'));
    return {
      source: branches.map(({ source }) => source).join('|'),
      isVariable: branches.length > 1 || branches[0]!.isVariable,
      unbounded: branches.reduce((most, { unbounded }) => Math.max(most, unbounded), 0),
      classes: branches.reduce((most, { classes = 0 }) => Math.max(most, classes), 0),
      ways: branches.reduce((sum, { ways = 1 }) => sum + ways, 0),
    };
  }

  #sequence(options: Options): Atom {
    const reader = this.#reader;
    const atoms: Atom[] = [];
    while (!reader.isAtEnd && reader.next !== '|' && reader.next !== ')') {
      if (options.extended && this.#skipExtended()) continue;
      if (reader.take('(?#')) {
        reader.until(')');
        continue;
      }
      const switched = reader.match(/\(\?([imx]*)(?:-([imx]*))?\)/y);
      if (switched !== undefined) {
        // The options hold to the end of the group, and for its other alternatives.
        const rest = this.#alternatives(withOptions(options, switched[1]!, switched[2] ?? ''));
        atoms.push({ ...rest, source: `(?:${rest.source})` });
        continue;
      }
      atoms.push(this.#repeated(this.#atom(options)));
    }
    const unbounded = atoms.reduce((sum, atom) => sum + atom.unbounded, 0);
    if (unbounded > MOST_UNBOUNDED) throw this.#refuse(`more than ${MOST_UNBOUNDED} repetitions in a row`);
    const ways = atoms.reduce((product, { ways = 1 }) => product * ways, 1);
    if (ways > MOST_WAYS)
      throw this.#refuse('alternatives and optional parts in a row, whose time could be exponential');
    return {
      ...inRow(atoms),
      ways,
      isVariable: atoms.some(({ isVariable }) => isVariable),
      unbounded,
    };
  }

  #skipExtended(): boolean {
    return this.#reader.match(/\s+|#[^\n]*\n?/y) !== undefined;
  }

  /** An atom with the quantifiers after it. */
  #repeated(atom: Atom): Atom {
    let repeated = atom;
    for (;;) {
      const found = this.#reader.match(/([?*+])([?+]?)|\{(\d*)(,?)(\d*)\}(\??)/y);
      if (found === undefined) return repeated;
      const [text, sign, kind, least, comma, most] = found;
      if (sign !== undefined) {
        const bounds = { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
        const { run } = repeated;
        if (sign === '+' && kind === '' && run !== undefined && 2 * run.least <= run.most + 1) {
          // Runs of one to three in a row are runs of one and more.
          repeated = this.#times(single(run.source), `{${run.least},}`, { ...run, most: bounds.most }, false);
          continue;
        }
        repeated =
          kind === '+'
            ? this.#atomic(this.#times(repeated, sign, bounds, true))
            : this.#times(repeated, sign + kind, bounds, false);
      } else if (least === '' && most === '') {
        // An empty or an odd brace is plain text.
        return this.#join(repeated, literal(text!));
      } else {
        const low = Number(least === '' ? 0 : least);
        const high = comma === '' ? low : most === '' ? Number.POSITIVE_INFINITY : Number(most);
        if (low > high) throw this.#refuse(`the repetition ${text}`);
        if (low > MOST_REPEATS || (Number.isFinite(high) && high > MOST_REPEATS)) {
          throw this.#refuse(`more than ${MOST_REPEATS} repeats`);
        }
        const isLazy = text!.endsWith('?') && comma !== '';
        const braces = `{${low}${comma === '' ? '' : `,${Number.isFinite(high) ? high : ''}`}}`;
        const isRun = !isLazy && repeated.isSet === true;
        const run = { source: repeated.source, least: low, most: high };
        repeated = this.#times(repeated, braces + (isLazy ? '?' : ''), { least: low, most: high }, false);
        if (isRun) repeated = { ...repeated, run };
        if (text!.endsWith('?') && !isLazy) {
          repeated = this.#times(repeated, '?', { least: 0, most: 1 }, false);
        }
      }
    }
  }

  #join(first: Atom, second: string): Atom {
    return { ...first, source: first.source + second };
  }

  #times(
    atom: Atom,
    sign: string,
    { least, most }: { least: number; most: number },
    isPossessive: boolean,
  ): Atom {
    const isManifold = atom.unbounded > 0 || (atom.isVariable && most > MOST_OF_VARIABLE);
    if (most > 1 && isManifold && !isPossessive) {
      throw this.#refuse('a repetition of alternatives or of repetitions, whose time could be exponential');
    }
    const { classes = 0, ways = 1 } = atom;
    const isLoop = !Number.isFinite(most);
    // JavaScript writes few repeats in a row.
    const source = classes > 1 && most > 1 ? `(?=)${atom.source}` : atom.source;
    return {
      source: `${grouped(source)}${sign}`,
      classes,
      ways: isLoop ? ways : (most - least + 1) * waysOfRounds(ways, most),
      isVariable: atom.isVariable || least !== most,
      unbounded: atom.unbounded + (isLoop ? 1 : 0),
    };
  }

  /** JavaScript has no atomic groups, but lookaheads and references to what they captured are atomic. */
  #atomic(atom: Atom): Atom {
    const name = `a${this.#atomics++}`;
    const { source, classes = 0 } = atom;
    return { ...single(`(?:(?=(?<${name}>${source}))\\k<${name}>)`), classes };
  }

  #atom(options: Options): Atom {
    const reader = this.#reader;
    if (reader.next === '(') return this.#group(options);
    if (reader.next === '[') return oneOfClass(this.#classes.read(options.ignoreCase));
    if (reader.next === '\\') return this.#escape(options);
    if (reader.take('.')) return oneOfClass(options.dotAll ? '[^]' : String.raw`[^\n]`);
    if (reader.take('^')) return single(String.raw`(?:^|(?<=\n)(?=[^]))`);
    if (reader.take('$')) return single(String.raw`(?=\n|$)`);
    if ('*+?'.includes(reader.next)) throw this.#refuse(`a "${reader.next}" after nothing`);
    return oneOf(characterSource(reader.character(), options));
  }

  #group(options: Options): Atom {
    const reader = this.#reader;
    if (++this.#depth > MOST_NESTED) throw this.#refuse('groups that are nested too deep');
    const atom = this.#groupContent(options);
    if (!reader.take(')')) throw this.#refuse('a "(" without ")"');
    this.#depth--;
    return atom;
  }

  #groupContent(options: Options): Atom {
    const reader = this.#reader;
    const inner = (before: string, within: Options = options): Atom => {
      const atom = this.#alternatives(within);
      return { ...atom, source: `${before}${atom.source})` };
    };
    for (const look of ['(?=', '(?!', '(?<=', '(?<!']) {
      if (reader.take(look)) return { ...inner(look), isVariable: false };
    }
    if (reader.take('(?:')) return inner('(?:');
    if (reader.take('(?>')) return this.#atomic(this.#alternatives(options));
    const scoped = reader.match(/\(\?([imx]*)(?:-([imx]*))?:/y);
    if (scoped !== undefined) return inner('(?:', withOptions(options, scoped[1]!, scoped[2] ?? ''));
    const named = reader.match(/\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/y);
    if (named !== undefined) {
      const number = ++this.#groups;
      this.#names.set(named[1] ?? named[2]!, number);
      return inner(`(?<g${number}>`);
    }
    const special = reader.match(/\(\?.?/y);
    if (special !== undefined) throw this.#refuse(`a group "${special[0]}..."`);
    reader.take('(');
    return inner(`(?<g${++this.#groups}>`);
  }

  #escape(options: Options): Atom {
    const reader = this.#reader;
    const property = reader.property();
    if (property !== undefined) {
      const set = namedSet(property.name);
      if (set === undefined) throw this.#refuse(`the property ${quote(property.name)}`);
      const isNegated = set.isNegated !== property.isNegated;
      return oneOfClass(this.#classes.fold(setAlone(set).members, isNegated, options.ignoreCase));
    }
    const shorthand = reader.shorthand();
    if (shorthand !== undefined) return oneOfClass(setSource(setAlone(shorthand)));
    const reference = reader.match(/\\([1-9])(?!\d)|\\k<(\w+)>/y);
    if (reference !== undefined) {
      const [, digit, name] = reference;
      const number = digit === undefined ? (this.#names.get(name!) ?? Number(name)) : Number(digit);
      if (!(number <= this.#groups)) throw this.#refuse('a reference to a group that does not come before');
      return { source: `\\k<g${number}>`, isVariable: true, unbounded: 0 };
    }
    const code = reader.code();
    if (code !== undefined) return oneOf(characterSource(code, options));
    if (reader.take('\\R')) return this.#atomic({ source: LINE_BREAK, isVariable: false, unbounded: 0 });
    const [text = '\\', letter = ''] = reader.match(/\\([\s\S])/uy) ?? [];
    if (Object.hasOwn(ESCAPES, letter)) return single(ESCAPES[letter]!);
    if (/^[A-Za-z0-9]?$/.test(letter)) throw this.#refuse(`"${text}"`);
    return oneOf(characterSource(letter, options));
  }
}
