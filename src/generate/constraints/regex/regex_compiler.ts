import type { AST } from '@eslint-community/regexpp';
import type { Expression } from '../expressions/expression.js';
import type { Expressions } from '../expressions/expressions.js';
import { WORD_CHARACTERS } from './character_sets.js';
import type { PartFacts } from './check_pattern.js';
import { Parts, type PlainNode, type WriteCharacter } from './parts.js';

/** The character before a place: there is none, a word character, or another. */
export type Before = 'start' | 'word' | 'other';

/** What follows a part, up to the end of the text. */
export interface Rest {
  /** After a part that matched the empty string. */
  readonly same: Expression;
  /** After a part that ended in a word character. */
  readonly word: Expression;
  /** After a part that ended in another character. */
  readonly other: Expression;
}

type Node = AST.Element | AST.Pattern;

/**
 * Compiles parts of a pattern together with what follows them: lookaheads are intersections with that. Lookahead in
 * derivatives: Miyazaki and Minamide, "Derivatives of Regular Expressions with Lookahead" (2019).
 */
export class RegexCompiler {
  readonly parts: Parts;
  readonly #make: Expressions;
  readonly #facts: ReadonlyMap<AST.Node, PartFacts>;
  /** Matches what begins with a word character. */
  readonly #wordNext: Expression;
  readonly #compiled = new Map<Node, Map<string, Expression>>();
  /** By `rest`: the loops after a word character and after another one. */
  readonly #loops = new Map<AST.Quantifier, Map<string, Pick<Rest, 'word' | 'other'>>>();

  constructor(make: Expressions, facts: ReadonlyMap<AST.Node, PartFacts>, write: WriteCharacter) {
    this.#make = make;
    this.#facts = facts;
    this.parts = new Parts(make, write);
    this.#wordNext = make.sequence(write(make, WORD_CHARACTERS), make.anything);
  }

  /** The strings of `node` and then `rest`. */
  compile(node: Node, before: Before, rest: Rest): Expression {
    const { looksBack, hasAssertion } = this.#facts.get(node)!;
    if (!hasAssertion && node.type !== 'Pattern') return this.#plain(node as PlainNode, rest);
    const key = `${looksBack ? before : ''} ${rest.same.id} ${rest.word.id} ${rest.other.id}`;
    const byRest = this.#compiled.get(node) ?? new Map<string, Expression>();
    this.#compiled.set(node, byRest);
    const compiled = byRest.get(key) ?? this.#compile(node, before, rest);
    byRest.set(key, compiled);
    return compiled;
  }

  #plain(node: PlainNode, rest: Rest): Expression {
    const make = this.#make;
    const all = this.parts.all(node);
    if (rest.word === rest.other && (rest.same === rest.word || !all.isNullable)) {
      return make.sequence(all, rest.word);
    }
    return make.choice([
      all.isNullable ? rest.same : make.nothing,
      make.sequence(this.parts.ending(node, true), rest.word),
      make.sequence(this.parts.ending(node, false), rest.other),
    ]);
  }

  #compile(node: Node, before: Before, rest: Rest): Expression {
    switch (node.type) {
      case 'Pattern':
      case 'Group':
      case 'CapturingGroup':
        return this.#alternatives(node.alternatives, before, rest);
      case 'Quantifier':
        return this.#repeat(node, before, rest);
      case 'Assertion':
        return this.#assertion(node, before, rest.same);
      default:
        throw new TypeError(`${node.type} is no part with an assertion`);
    }
  }

  #alternatives(alternatives: readonly AST.Alternative[], before: Before, rest: Rest): Expression {
    const compile = ({ elements }: AST.Alternative) => {
      let after = rest;
      for (const element of elements.toReversed()) {
        after = this.#places(before, after, (at, next) => this.compile(element, at, next));
      }
      return after.same;
    };
    return this.#make.choice(alternatives.map(compile));
  }

  /** What `one` gives at all places where it may begin: at the beginning of the part, and after a character of it. */
  #places(before: Before, rest: Rest, one: (before: Before, rest: Rest) => Expression): Rest {
    const { word, other } = rest;
    return {
      same: one(before, rest),
      word: one('word', { same: word, word, other }),
      other: one('other', { same: other, word, other }),
    };
  }

  #repeat(node: AST.Quantifier, before: Before, rest: Rest): Expression {
    const { element, min, max } = node;
    const isEndless = max === Number.POSITIVE_INFINITY;
    // An optional round may not match the empty string, which would only add conditions.
    const round = (at: Before, { word, other }: Rest) =>
      this.compile(element, at, { same: this.#make.nothing, word, other });
    let after = isEndless ? this.#endless(node, before, rest, round) : rest;
    for (let i = min; i < max && !isEndless; i++) {
      after = this.#eitherOf(rest, this.#places(before, after, round));
    }
    for (let i = 0; i < min; i++) {
      after = this.#places(before, after, (at, next) => this.compile(element, at, next));
    }
    return after.same;
  }

  /** Any number of rounds and then `rest`. */
  #endless(
    node: AST.Quantifier,
    before: Before,
    rest: Rest,
    round: (before: Before, rest: Rest) => Expression,
  ): Rest {
    const key = `${rest.word.id} ${rest.other.id}`;
    let loops = this.#loops.get(node)?.get(key);
    if (loops === undefined) {
      const word = this.#make.loop(rest.word);
      const isOne = rest.word === rest.other && !this.#facts.get(node)!.looksBack;
      const other = isOne ? word : this.#make.loop(rest.other);
      loops = { word, other };
      this.#loops.set(node, (this.#loops.get(node) ?? new Map()).set(key, loops));
      word.define(round('word', { same: word, word, other }));
      if (!isOne) other.define(round('other', { same: other, word, other }));
    }
    return { ...loops, same: this.#make.choice([rest.same, round(before, { same: rest.same, ...loops })]) };
  }

  #eitherOf(a: Rest, b: Rest): Rest {
    return {
      same: this.#make.choice([a.same, b.same]),
      word: this.#make.choice([a.word, b.word]),
      other: this.#make.choice([a.other, b.other]),
    };
  }

  #assertion(node: AST.Assertion, before: Before, rest: Expression): Expression {
    const make = this.#make;
    switch (node.kind) {
      case 'start':
        return before === 'start' ? rest : make.nothing;
      case 'end':
        return rest.isNullable ? make.empty : make.nothing;
      case 'word': {
        const wantsWord = (before === 'word') === node.negate;
        return make.both([wantsWord ? this.#wordNext : make.not(this.#wordNext), rest]);
      }
      case 'lookahead': {
        const { anything } = make;
        const ahead = this.#alternatives(node.alternatives, before, {
          same: anything,
          word: anything,
          other: anything,
        });
        return make.both([node.negate ? make.not(ahead) : ahead, rest]);
      }
      default:
        throw new TypeError(`${node.kind} is not supported`);
    }
  }
}
