import type { Gpt2Error } from '../../../base/errors.js';
import { quote } from '../../token_table.js';
import { missingVariants } from './case_folding.js';
import { type CharacterSet, namedSet, posixSet } from './properties.js';
import type { Reader } from './reader.js';

export const codeSource = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** A set as a class of JavaScript. */
export const setSource = ({ members, isNegated }: CharacterSet) => `[${isNegated ? '^' : ''}${members}]`;

/** Reads classes such as [^\s\p{L}&&[a-z]]. */
export class CharacterClassReader {
  /** Whether a class needs the flag v of JavaScript, which older engines lack. */
  needsSets = false;
  readonly #reader: Reader;
  readonly #refuse: (what: string) => Gpt2Error;

  constructor(reader: Reader, refuse: (what: string) => Gpt2Error) {
    this.#reader = reader;
    this.#refuse = refuse;
  }

  /** The source of a class in JavaScript. */
  read(ignoreCase: boolean): string {
    const { members, isNegated } = this.#class(0);
    return this.fold(members, isNegated, ignoreCase);
  }

  /** A class, with the other cases of its letters if case does not matter. */
  fold(members: string, isNegated: boolean, ignoreCase: boolean): string {
    let all = members;
    if (ignoreCase) {
      const test = new RegExp(`^[${members}]$`, this.needsSets ? 'v' : 'u');
      const missing = missingVariants((letter) => test.test(letter))
        .map(codeSource)
        .join('');
      // A class of an intersection takes no other members beside it.
      if (missing !== '') all = members.includes('&&') ? `[${members}]${missing}` : members + missing;
    }
    return setSource({ members: all, isNegated });
  }

  #class(depth: number): CharacterSet {
    const reader = this.#reader;
    if (depth > 20) throw this.#refuse('classes that are nested too deep');
    reader.take('[');
    const isNegated = reader.take('^');
    const operands: string[] = [];
    let members = reader.take(']') ? codeSource(']') : '';
    while (!reader.take(']')) {
      if (reader.isAtEnd) throw this.#refuse('a "[" without "]"');
      if (reader.take('&&')) {
        operands.push(members);
        members = '';
      } else members += this.#member(depth);
    }
    if (operands.length === 0) return { members, isNegated };
    this.needsSets = true;
    return { members: [...operands, members].map((operand) => `[${operand}]`).join('&&'), isNegated };
  }

  #member(depth: number): string {
    const reader = this.#reader;
    const posix = reader.match(/\[:(\^?)(\w+):\]/y);
    if (posix !== undefined) {
      const set = posixSet(posix[2]!);
      if (set === undefined) throw this.#refuse(`the class [:${posix[2]}:]`);
      return this.#within(set, posix[1] === '^');
    }
    if (reader.next === '[') return this.#within(this.#class(depth + 1), false);
    const property = reader.property();
    if (property !== undefined) {
      const set = namedSet(property.name);
      if (set === undefined) throw this.#refuse(`the property ${quote(property.name)}`);
      return this.#within(set, property.isNegated);
    }
    const shorthand = reader.shorthand();
    if (shorthand !== undefined) return this.#within(shorthand, false);
    const first = this.#character();
    if (reader.match(/-(?!\])/y) === undefined) return codeSource(first);
    if (reader.match(/(?=\[|\\[wsdhWSDHpP])/y) !== undefined) return codeSource(first) + codeSource('-');
    const last = this.#character();
    if (last.codePointAt(0)! < first.codePointAt(0)!) throw this.#refuse(`the range ${first}-${last}`);
    return `${codeSource(first)}-${codeSource(last)}`;
  }

  #character(): string {
    const code = this.#reader.code();
    if (code !== undefined) return code;
    if (this.#reader.take('\\b')) return '\b';
    const escaped = this.#reader.match(/\\([^A-Za-z0-9])/uy);
    if (escaped !== undefined) return escaped[1]!;
    const unknown = this.#reader.match(/\\./y);
    if (unknown !== undefined || this.#reader.isAtEnd) {
      throw this.#refuse(unknown === undefined ? 'a "[" without "]"' : `"${unknown[0]}" in a class`);
    }
    return this.#reader.character();
  }

  /** The members of a set within a class. Only a single property can be negated without nesting. */
  #within({ members, isNegated }: CharacterSet, isInverted: boolean): string {
    const isIntersection = members.includes('&&');
    if (isNegated === isInverted && !isIntersection) return members;
    if (isNegated !== isInverted && /^\\p\{[\w=]+\}$/.test(members)) return members.replace('p', 'P');
    this.needsSets = true;
    return setSource({ members, isNegated: isNegated !== isInverted });
  }
}
