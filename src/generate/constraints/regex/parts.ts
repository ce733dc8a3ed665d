import type { AST } from '@eslint-community/regexpp';
import {
  type CodePointRange,
  type CodePointSet,
  complement,
  intersection,
} from '../expressions/code_points.js';
import type { Expression } from '../expressions/expression.js';
import type { Expressions } from '../expressions/expressions.js';
import { charactersOf, WORD_CHARACTERS } from './character_sets.js';

/** Writes one character of a set, as UTF-8 or otherwise. What it writes for one is no beginning of another. */
export type WriteCharacter = (make: Expressions, ranges: readonly CodePointRange[]) => Expression;

/** A part of a pattern without assertions. */
export type PlainNode = Exclude<
  AST.Element,
  AST.Assertion | AST.Backreference | AST.ExpressionCharacterClass
>;

/** The complement of `WORD_CHARACTERS`. */
export const OTHER_CHARACTERS = complement(WORD_CHARACTERS);

/** The strings of parts of a pattern that have no assertions. */
export class Parts {
  readonly #make: Expressions;
  readonly #write: WriteCharacter;
  readonly #all = new Map<PlainNode, Expression>();
  readonly #wordEndings = new Map<PlainNode, Expression>();
  readonly #otherEndings = new Map<PlainNode, Expression>();
  readonly #written = new Map<string, Expression>();

  constructor(make: Expressions, write: WriteCharacter) {
    this.#make = make;
    this.#write = write;
  }

  /** One character of a set. */
  characters(set: CodePointSet): Expression {
    const key = set.join();
    const written = this.#written.get(key) ?? this.#write(this.#make, set);
    this.#written.set(key, written);
    return written;
  }

  /** All strings of a part. */
  all(node: PlainNode): Expression {
    let all = this.#all.get(node);
    if (all === undefined) {
      all = this.#allOf(node);
      this.#all.set(node, all);
    }
    return all;
  }

  #allOf(node: PlainNode): Expression {
    const make = this.#make;
    switch (node.type) {
      case 'Group':
      case 'CapturingGroup':
        return make.choice(
          node.alternatives.map(({ elements }) =>
            plain(elements).reduceRight((tail, each) => make.sequence(this.all(each), tail), make.empty),
          ),
        );
      case 'Quantifier':
        return make.repeat(this.all(node.element as PlainNode), node.min, node.max);
      default:
        return this.characters(charactersOf(node));
    }
  }

  /** The strings whose last character is a word character, or is none; the empty string is in neither. */
  ending(node: PlainNode, inWord: boolean): Expression {
    const known = inWord ? this.#wordEndings : this.#otherEndings;
    const ending = known.get(node) ?? this.#findEnding(node, inWord);
    known.set(node, ending);
    return ending;
  }

  #findEnding(node: PlainNode, inWord: boolean): Expression {
    const make = this.#make;
    switch (node.type) {
      case 'Group':
      case 'CapturingGroup':
        return make.choice(
          node.alternatives.map(({ elements }) => this.#sequenceEnding(plain(elements), inWord)),
        );
      case 'Quantifier': {
        const element = node.element as PlainNode;
        if (node.max === 0) return make.nothing;
        const least = this.all(element).isNullable ? 0 : Math.max(0, node.min - 1);
        return make.sequence(
          make.repeat(this.all(element), least, node.max - 1),
          this.ending(element, inWord),
        );
      }
      default: {
        const wanted = inWord ? WORD_CHARACTERS : OTHER_CHARACTERS;
        return this.characters(intersection(charactersOf(node), wanted));
      }
    }
  }

  #sequenceEnding(elements: readonly PlainNode[], inWord: boolean): Expression {
    const make = this.#make;
    const all = elements.map((element) => this.all(element));
    const endings: Expression[] = [];
    // Elements before the last one that is not empty cannot end the sequence.
    for (let i = elements.length - 1; i >= 0; i--) {
      endings.push(make.sequence(...all.slice(0, i), this.ending(elements[i]!, inWord)));
      if (!all[i]!.isNullable) break;
    }
    return make.choice(endings);
  }
}

const plain = (elements: readonly AST.Element[]) => elements as readonly PlainNode[];
