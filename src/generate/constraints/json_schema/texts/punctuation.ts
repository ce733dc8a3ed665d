import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';

/** What stands between the values of JSON, with white space around it or without. */
export class Punctuation {
  readonly space: Expression;
  readonly colon: Expression;
  readonly comma: Expression;
  readonly quote: Expression;
  readonly #make: Expressions;

  constructor(make: Expressions, whitespace: 'compact' | 'any') {
    this.#make = make;
    const blanks = ['\t', '\n', '\r', ' '].map(
      (blank) => [blank.charCodeAt(0), blank.charCodeAt(0)] as const,
    );
    this.space = whitespace === 'any' ? make.repeat(make.oneOf(...blanks), 0) : make.empty;
    this.colon = make.sequence(this.space, make.literal(':'), this.space);
    this.comma = make.sequence(this.space, make.literal(','), this.space);
    this.quote = make.literal('"');
  }

  /** From an opening bracket on: one of some parts and their rests, or if `mayEnd` the closing bracket at once. */
  from(brackets: '[]' | '{}', mayEnd: boolean, parts: readonly Expression[]): Expression {
    const [open, close] = [...brackets].map((bracket) => this.#make.literal(bracket));
    const inside = mayEnd ? [close!, ...parts] : parts;
    return this.#make.sequence(open!, this.space, this.#make.choice(inside));
  }

  /** After a part: a comma and one of some parts and their rests, or if `mayEnd` the closing bracket. */
  after(bracket: ']' | '}', mayEnd: boolean, parts: readonly Expression[]): Expression {
    const more = this.#make.sequence(this.comma, this.#make.choice(parts));
    return mayEnd
      ? this.#make.choice([this.#make.sequence(this.space, this.#make.literal(bracket)), more])
      : more;
  }
}
