import { ByteSet } from '../../expressions/byte_set.js';
import { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { compare, decimalKey, decimalOf, leastMultiple } from '../shapes/decimal.js';
import type { NumberShape } from '../shapes/numbers.js';
import { Magnitudes, type Part, type Range } from './magnitudes.js';
import { LARGEST_UNIT, multipleDigits } from './multiple_digits.js';
import {
  MOST_FRACTION_DIGITS,
  MOST_MANTISSA_DIGITS,
  MOST_WHOLE_DIGITS,
  NumberGrammar,
} from './number_grammar.js';
import { exponentsFrom, range, type Written, writtenOf } from './written_number.js';

const CHARACTERS = '+-.0123456789e';
const CUTS = ByteSet.of(
  ...[...CHARACTERS].flatMap((character) => {
    const byte = character.charCodeAt(0);
    return [[byte, byte + 1] as const];
  }),
);

/**
 * The texts of the numbers of a shape: as JSON.stringify writes them, or plain decimals with more digits. At most 21
 * digits before the point and 22 after it; numbers that are multiples of another have only as many digits after the
 * point as they need.
 */
export class NumberTexts {
  readonly key: string;
  readonly make: Expressions;
  readonly #shape: NumberShape;
  readonly #grammar: NumberGrammar;
  readonly #digits: number;
  readonly #positive: Magnitudes;
  readonly #negative: Magnitudes;

  constructor(make: Expressions, shape: NumberShape, key: string) {
    this.make = make;
    this.key = key;
    this.#shape = shape;
    this.#grammar = new NumberGrammar(make);
    const { min, max, multipleOf } = shape;
    const only =
      min !== undefined && max !== undefined && compare(min.at, max.at) === 0 ? min.at : multipleOf;
    this.#digits = Math.min(MOST_FRACTION_DIGITS, Math.max(0, -(only?.exponent ?? -MOST_FRACTION_DIGITS)));
    this.#positive = new Magnitudes(shape, false, this.#digits);
    this.#negative = new Magnitudes(shape, true, this.#digits);
  }

  /** All texts; `nothing` if there are none. */
  all(): Expression {
    const { min, max, multipleOf, notMultipleOf, not } = this.#shape;
    const isFree = min === undefined && max === undefined && notMultipleOf.length + not.length === 0;
    if (isFree && (multipleOf === undefined || compare(multipleOf, decimalOf(1)) === 0)) {
      return this.#grammar.numbers(this.#digits);
    }
    if (min !== undefined && max !== undefined && compare(min.at, max.at) === 0) {
      return this.make.literal(String(Number(decimalKey(min.at))));
    }
    return this.after('');
  }

  /** What may follow `text`. */
  after(text: string): Expression {
    const { make } = this;
    if (text === '' || text === '-') {
      const hasOne = text === '' && this.after('-') !== make.nothing;
      const isPossible =
        hasOne || [...'0123456789'].some((digit) => this.after(text + digit) !== make.nothing);
      if (!isPossible) return make.nothing;
      return this.#prefix(text);
    }
    const written = writtenOf(text);
    if (written === undefined) return make.nothing;
    const set = text.startsWith('-') ? this.#negative : this.#positive;
    const plain = this.#plain(written, text.startsWith('-'));
    const inBounds = plain.map((range) => set.inBounds(range));
    const hasExponents = this.#hasExponents(written, set);
    if (!hasExponents && !inBounds.includes('some')) {
      if (!inBounds.includes('all')) return make.nothing;
      const digits = this.#digitsAfter(written, inBounds, set);
      if (digits !== undefined) return digits;
    }
    return hasExponents || plain.some((range) => set.part(range) !== 'none')
      ? this.#prefix(text)
      : make.nothing;
  }

  /** Whether a number may end after `text`. */
  isWhole(text: string): boolean {
    if (text === '-0' || !/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]\d+)?$/.test(text)) return false;
    const { whole, fraction = '', exponent } = writtenOf(text)!;
    if (exponent === undefined) {
      if (whole.length > MOST_WHOLE_DIGITS || fraction.length > this.#digits) return false;
    } else if (!exponentsFrom(exponent).includes(Number(exponent))) return false;
    const number = decimalOf(text.replace(/^-/, ''));
    return (text.startsWith('-') ? this.#negative : this.#positive).has(number);
  }

  #prefix(text: string): Expression {
    return this.make.intern(`number ${this.key} ${text}`, (id) => new NumberPrefix(id, this, text));
  }

  /**
   * The digits after a beginning from which no bound can be passed: as many before the point as `inBounds` says.
   * undefined if something else than the digits so far, or a small remainder of them, matters.
   */
  #digitsAfter(
    { whole, fraction }: Written,
    inBounds: readonly Part[],
    set: Magnitudes,
  ): Expression | undefined {
    const [first, last] = [inBounds.indexOf('all'), inBounds.lastIndexOf('all')];
    const left = this.#digits - (fraction?.length ?? 0);
    if (set.hasOnlyBounds) {
      const { make } = this;
      const { digit } = this.#grammar;
      if (fraction !== undefined) return make.repeat(digit, fraction === '' ? 1 : 0, left);
      return make.sequence(make.repeat(digit, first, last), this.#grammar.fraction(left));
    }
    const { multipleOf, notMultipleOf, not } = this.#shape;
    if (multipleOf === undefined || notMultipleOf.length + not.length > 0) return undefined;
    const unit = leastMultiple(multipleOf, -this.#digits);
    if (unit > LARGEST_UNIT) return undefined;
    return multipleDigits(this.make, Number(unit), {
      remainder: Number(BigInt(`${whole}${fraction ?? ''}`) % unit),
      counts: fraction === undefined ? [first, last] : undefined,
      left,
      isAfterPoint: fraction === '',
    });
  }

  /** The numbers without an exponent that begin so, by how many digits are added before the point. */
  #plain({ whole, fraction, exponent }: Written, isNegative: boolean): Range[] {
    if (exponent !== undefined || whole.length > MOST_WHOLE_DIGITS) return [];
    const digits = this.#digits;
    if (fraction !== undefined) {
      if (fraction.length > digits || digits === 0) return [];
      return [range(`${whole}${fraction}`, digits - fraction.length, -digits)];
    }
    if (whole === '0' && isNegative && digits === 0) return [];
    const most = whole === '0' ? 0 : MOST_WHOLE_DIGITS - whole.length;
    return Array.from({ length: most + 1 }, (_, added) => range(whole, added + digits, -digits));
  }

  /** Whether a number with an exponent begins so. */
  #hasExponents({ whole, fraction = '', exponent }: Written, set: Magnitudes): boolean {
    if (whole.length > 1 || whole === '0' || fraction.length > MOST_MANTISSA_DIGITS) return false;
    const missing = exponent === undefined ? MOST_MANTISSA_DIGITS - fraction.length : 0;
    const shift = exponent === undefined ? MOST_MANTISSA_DIGITS : fraction.length;
    const isIn = (power: number) => set.part(range(`${whole}${fraction}`, missing, power - shift)) !== 'none';
    return exponentsFrom(exponent ?? '').some(
      (power) => set.hasPower(power) && (set.isInner(power) || isIn(power)),
    );
  }
}

/** The rest of a number after some of its characters. */
class NumberPrefix extends Expression {
  readonly isNullable: boolean;
  readonly #texts: NumberTexts;
  readonly #text: string;

  constructor(id: number, texts: NumberTexts, text: string) {
    super(id, texts.make);
    this.#texts = texts;
    this.#text = text;
    this.isNullable = texts.isWhole(text);
  }

  findCuts(): ByteSet {
    return CUTS;
  }

  findDerivative(byte: number): Expression {
    const character = String.fromCharCode(byte);
    if (!CHARACTERS.includes(character)) return this.maker.nothing;
    return this.#texts.after(this.#text + character);
  }
}
