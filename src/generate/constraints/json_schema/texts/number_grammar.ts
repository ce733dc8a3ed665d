import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';

/** Digits before the point without an exponent: JSON.stringify writes larger numbers with one. */
export const MOST_WHOLE_DIGITS = 21;
/** Digits after the point: as many as JSON.stringify writes at most. */
export const MOST_FRACTION_DIGITS = 22;
/** Digits after the point before an exponent. */
export const MOST_MANTISSA_DIGITS = 16;
/** The exponents that JSON.stringify writes. */
export const EXPONENTS = { '+': [21, 308], '-': [7, 324] } as const;

/** The largest number of a double with the largest exponent. */
const LARGEST_MANTISSA = '7976931348623157';

/** The texts of numbers, by how many digits may follow the point. */
export class NumberGrammar {
  readonly #make: Expressions;
  readonly digit: Expression;
  readonly #positive: Expression;

  constructor(make: Expressions) {
    this.#make = make;
    this.digit = this.range('0', '9');
    this.#positive = this.range('1', '9');
  }

  range(first: string, last: string): Expression {
    return this.#make.oneOf([first.charCodeAt(0), last.charCodeAt(0)]);
  }

  /** A point and digits, or nothing. */
  fraction(most: number): Expression {
    const make = this.#make;
    if (most === 0) return make.empty;
    return make.optional(make.sequence(make.literal('.'), make.repeat(this.digit, 1, most)));
  }

  /** All numbers with at most so many digits after the point; only `most` = 0 and the highest number are exact. */
  numbers(most: number): Expression {
    const make = this.#make;
    const whole = make.sequence(this.#positive, make.repeat(this.digit, 0, MOST_WHOLE_DIGITS - 1));
    const fraction = this.fraction(most);
    const mantissa = make.sequence(this.#positive, this.fraction(MOST_MANTISSA_DIGITS));
    const large = [
      make.sequence(
        mantissa,
        make.literal('e+'),
        this.#numbersBetween(EXPONENTS['+'][0], EXPONENTS['+'][1] - 1),
      ),
      make.sequence(this.#largest(), make.literal(`e+${EXPONENTS['+'][1]}`)),
    ];
    const small =
      most < MOST_FRACTION_DIGITS
        ? []
        : [make.sequence(mantissa, make.literal('e-'), this.#numbersBetween(...EXPONENTS['-']))];
    const magnitude = make.choice([make.sequence(whole, fraction), ...large, ...small]);
    const zero = make.literal('0');
    const tooSmall =
      most === 0 ? [] : [make.sequence(zero, make.literal('.'), make.repeat(this.digit, 1, most))];
    return make.choice([
      zero,
      ...tooSmall,
      make.sequence(make.literal('-'), make.choice([...tooSmall, magnitude])),
      magnitude,
    ]);
  }

  #numbersBetween(first: number, last: number): Expression {
    const texts = Array.from({ length: last - first + 1 }, (_, i) => this.#make.literal(`${first + i}`));
    return this.#make.choice(texts);
  }

  /** The mantissas of the largest exponent, up to the largest double. */
  #largest(): Expression {
    const make = this.#make;
    let rest: Expression = make.empty;
    for (let i = LARGEST_MANTISSA.length - 1; i >= 0; i--) {
      const digit = LARGEST_MANTISSA[i]!;
      const below = String.fromCharCode(digit.charCodeAt(0) - 1);
      const free = make.repeat(this.digit, 0, LARGEST_MANTISSA.length - 1 - i);
      const smaller = digit === '0' ? [] : [make.sequence(this.range('0', below), free)];
      const same = make.sequence(make.literal(digit), i === 0 ? rest : make.optional(rest));
      rest = make.choice([...smaller, same]);
    }
    return make.sequence(make.literal('1'), make.optional(make.sequence(make.literal('.'), rest)));
  }
}
