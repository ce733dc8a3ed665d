import { Gpt2Error } from '../../../base/errors.js';
import {
  ALL_CODE_POINTS,
  type CodePointRange,
  codePointSet,
  complement,
} from '../expressions/code_points.js';
import { type Alternatives, type Grammar, type GrammarRule, type Item, refuse } from './grammar.js';
import { Reader } from './reader.js';
import { rewriteLeftRecursion } from './rewrite_left_recursion.js';

/** Longest text of a grammar, in UTF-16 units: without this limit, megabytes would be parsed for seconds. */
const MOST_UNITS = 500_000;
/** Deepest nesting of parentheses and of repetitions on one item: deeper ones would overflow the stack. */
const DEEPEST = 200;
/** Most rounds of a repetition, and of repetitions in a repetition: each may become a state. */
const MOST_ROUNDS = 100_000;

/** The rules of a text in GBNF. Throws `invalid-option` for syntax errors and beyond the limits. */
export function parseGrammar(text: string): Grammar {
  if (text.length > MOST_UNITS) {
    throw new Gpt2Error(
      'invalid-option',
      `a grammar has ${text.length} characters, which is more than ${MOST_UNITS}; shorten it`,
    );
  }
  return { text, rules: new Parser(text).rules() };
}

class Parser {
  readonly #text: string;
  readonly #reader: Reader;

  constructor(text: string) {
    this.#text = text;
    this.#reader = new Reader(text);
  }

  rules(): ReadonlyMap<string, GrammarRule> {
    const rules = new Map<string, GrammarRule>();
    this.#reader.skipSpace(true);
    while (!this.#reader.isAtEnd) {
      const rule = this.#rule();
      if (rules.has(rule.name)) {
        throw refuse(this.#text, rule.at, `${rule.name} is defined for the second time`);
      }
      rules.set(rule.name, rewriteLeftRecursion(rule));
    }
    return rules;
  }

  #rule(): GrammarRule {
    const reader = this.#reader;
    const { at } = reader;
    const name = reader.name();
    if (name === undefined) throw reader.unexpected("a rule's name");
    reader.skipSpace(false);
    reader.expect('::=');
    reader.skipSpace(true);
    const alternatives = this.#alternatives(0);
    if (!reader.isAtEnd && !reader.takeLineEnd()) throw reader.unexpected('an item or the end of the line');
    reader.skipSpace(true);
    return { name, at, alternatives };
  }

  /** `depth`: the parentheses around them. */
  #alternatives(depth: number): Alternatives {
    const alternatives = [this.#sequence(depth)];
    while (this.#reader.take('|')) {
      this.#reader.skipSpace(true);
      alternatives.push(this.#sequence(depth));
    }
    return alternatives;
  }

  #sequence(depth: number): Item[] {
    const items: Item[] = [];
    for (let item = this.#item(depth); item !== undefined; item = this.#item(depth)) {
      this.#reader.skipSpace(depth > 0);
      items.push(this.#repetitions(item, depth));
    }
    return items;
  }

  #item(depth: number): Item | undefined {
    const reader = this.#reader;
    const { at } = reader;
    if (reader.take('"')) return this.#literal();
    if (reader.take('[')) return this.#class();
    if (reader.take('.')) return { type: 'characters', set: [ALL_CODE_POINTS] };
    if (reader.take('(')) {
      if (depth === DEEPEST) throw refuse(this.#text, at, `parentheses are nested more than ${DEEPEST} deep`);
      reader.skipSpace(true);
      const alternatives = this.#alternatives(depth + 1);
      reader.expect(')');
      return { type: 'group', alternatives };
    }
    if (reader.isNext('<') || reader.isNext('!')) {
      throw refuse(this.#text, at, 'tokens such as <[1000]> are not supported; write their text in quotes');
    }
    const name = reader.name();
    return name === undefined ? undefined : { type: 'rule', name, at };
  }

  #literal(): Item {
    const items: Item[] = [];
    while (!this.#reader.take('"')) {
      const character = this.#reader.character();
      items.push({ type: 'characters', set: [[character, character]] });
    }
    return { type: 'group', alternatives: [items] };
  }

  #class(): Item {
    const reader = this.#reader;
    const isNegated = reader.take('^');
    const ranges: CodePointRange[] = [];
    const { at } = reader;
    while (!reader.take(']')) {
      const { at } = reader;
      const first = reader.character();
      const last =
        reader.isNext('-') && !reader.isNext('-]') && reader.take('-') ? reader.character() : first;
      if (first > last) throw refuse(this.#text, at, 'a range of characters begins behind its end');
      ranges.push([first, last]);
    }
    if (ranges.length === 0) throw refuse(this.#text, at, 'a class has no characters');
    const set = codePointSet(ranges);
    return { type: 'characters', set: isNegated ? complement(set) : set };
  }

  /** `item` with all the repetitions behind it. */
  #repetitions(item: Item, depth: number): Item {
    let repeated = item;
    for (let count = 1; ; count++) {
      const { at } = this.#reader;
      const counts = this.#counts(depth > 0);
      if (counts === undefined) return repeated;
      if (count > DEEPEST) throw refuse(this.#text, at, `an item has more than ${DEEPEST} repetitions`);
      repeated = { type: 'repeat', item: repeated, ...counts };
      if (rounds(repeated) > MOST_ROUNDS) {
        throw refuse(this.#text, at, `repetitions have more than ${MOST_ROUNDS} rounds; use smaller numbers`);
      }
    }
  }

  #counts(withLines: boolean): { min: number; max: number } | undefined {
    const reader = this.#reader;
    const counts = this.#sign() ?? this.#braces(withLines);
    if (counts !== undefined) reader.skipSpace(withLines);
    return counts;
  }

  #sign(): { min: number; max: number } | undefined {
    const max = Number.POSITIVE_INFINITY;
    if (this.#reader.take('*')) return { min: 0, max };
    if (this.#reader.take('+')) return { min: 1, max };
    return this.#reader.take('?') ? { min: 0, max: 1 } : undefined;
  }

  #braces(withLines: boolean): { min: number; max: number } | undefined {
    const reader = this.#reader;
    const { at } = reader;
    if (!reader.take('{')) return undefined;
    const number = () => {
      reader.skipSpace(withLines);
      const value = reader.integer();
      reader.skipSpace(withLines);
      return value;
    };
    const min = number();
    if (min === undefined) throw reader.unexpected('a number');
    const max = reader.take(',') ? (number() ?? Number.POSITIVE_INFINITY) : min;
    reader.expect('}');
    if (min > max) throw refuse(this.#text, at, `{${min},${max}} has its numbers out of order`);
    return { min, max };
  }
}

/** The rounds of a repetition, times those of the repetitions in it. */
function rounds(item: Item): number {
  if (item.type === 'group') return Math.max(1, ...item.alternatives.flat().map(rounds));
  if (item.type !== 'repeat') return 1;
  return Math.max(1, item.max === Number.POSITIVE_INFINITY ? item.min : item.max) * rounds(item.item);
}
