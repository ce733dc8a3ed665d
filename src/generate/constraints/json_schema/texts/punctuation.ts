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

  open(bracket: '[' | '{'): Expression {
    return this.#make.sequence(this.#make.literal(bracket), this.space);
  }

  close(bracket: ']' | '}'): Expression {
    return this.#make.sequence(this.space, this.#make.literal(bracket));
  }
}
