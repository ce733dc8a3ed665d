import {
  ceilAt,
  compare,
  type Decimal,
  decimal,
  decimalOf,
  floorAt,
  isMultiple,
  leastMultiple,
} from '../shapes/decimal.js';
import type { Bound, NumberShape } from '../shapes/numbers.js';
import { EXPONENTS } from './number_grammar.js';

/** The numbers n x 10^exponent for all integers n from `low` to `high`. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
  readonly exponent: number;
}

/** Which numbers of a range belong to a set. */
export type Part = 'none' | 'some' | 'all';

/** Larger numbers become infinite when JSON is read. */
const LARGEST: Bound = { at: decimalOf(Number.MAX_VALUE), isOpen: false };
const ZERO: Bound = { at: decimal(0n, 0), isOpen: false };

/** The numbers of a shape with one sign, without the sign. */
export class Magnitudes {
  readonly #min: Bound;
  readonly #max: Bound;
  readonly #shape: NumberShape;
  readonly #not: readonly Decimal[];
  readonly #withinBounds = new Map<number, readonly [bigint, bigint]>();
  /** Whether all numbers without an exponent are within the bounds. */
  readonly #isUnbounded: boolean;
  readonly #lowestPower: number;
  readonly #highestPower: number;
  /** Whether bounds alone decide, apart from the number of digits. */
  readonly hasOnlyBounds: boolean;

  constructor(shape: NumberShape, isNegative: boolean, digits: number) {
    const opposite = (bound: Bound | undefined) =>
      bound && { at: decimal(-bound.at.digits, bound.at.exponent), isOpen: bound.isOpen };
    const min = (isNegative ? opposite(shape.max) : shape.min) ?? ZERO;
    const max = (isNegative ? opposite(shape.min) : shape.max) ?? LARGEST;
    // Zero has no sign.
    const zero = { at: ZERO.at, isOpen: isNegative };
    this.#min = compare(min.at, ZERO.at) < (isNegative ? 1 : 0) ? zero : min;
    this.#max = compare(max.at, LARGEST.at) > 0 ? LARGEST : max;
    this.#shape = shape;
    this.#not = shape.not.map((each) => (isNegative ? decimal(-each.digits, each.exponent) : each));
    const { multipleOf } = shape;
    const least = multipleOf === undefined ? Number.NEGATIVE_INFINITY : powerOf(multipleOf);
    this.#lowestPower = Math.max(powerOf(this.#min.at), least);
    this.#highestPower = this.#max.at.digits > 0n ? powerOf(this.#max.at) : Number.NEGATIVE_INFINITY;
    this.#isUnbounded = !isNegative && shape.min === undefined && shape.max === undefined;
    this.hasOnlyBounds =
      shape.notMultipleOf.length === 0 &&
      shape.not.length === 0 &&
      (multipleOf === undefined ||
        (multipleOf.digits === 1n && multipleOf.exponent === -digits && digits < EXPONENTS['-'][0]));
  }

  /** Whether a number of the set may have its largest digit at this power of ten. */
  hasPower(power: number): boolean {
    return power >= this.#lowestPower && power <= this.#highestPower;
  }

  /** Whether all numbers with the largest digit at this power of ten are in the set. */
  isInner(power: number): boolean {
    return this.hasOnlyBounds && power > this.#lowestPower && power < this.#highestPower;
  }

  has(number: Decimal): boolean {
    const { low, high, exponent } = { low: number.digits, high: number.digits, exponent: number.exponent };
    return this.part({ low, high, exponent }) !== 'none';
  }

  /** Which numbers of a range are within the bounds. */
  inBounds({ low, high, exponent }: Range): Part {
    if (this.#isUnbounded && exponent <= 0) return 'all';
    const [first, last] = this.#within(exponent);
    if (first > high || last < low || first > last) return 'none';
    return first <= low && last >= high ? 'all' : 'some';
  }

  part(range: Range): Part {
    const part = this.inBounds(range);
    if (part === 'none' || this.hasOnlyBounds) return part;
    const [first, last] = this.#within(range.exponent);
    const from = first > range.low ? first : range.low;
    const to = last < range.high ? last : range.high;
    return this.#hasOne(from, to, range.exponent) ? 'some' : 'none';
  }

  /** The least and the greatest n for which n x 10^exponent is within the bounds. */
  #within(exponent: number): readonly [bigint, bigint] {
    const known = this.#withinBounds.get(exponent);
    if (known !== undefined) return known;
    let first = ceilAt(this.#min.at, exponent);
    let last = floorAt(this.#max.at, exponent);
    if (this.#min.isOpen && isAt(first, exponent, this.#min.at)) first++;
    if (this.#max.isOpen && isAt(last, exponent, this.#max.at)) last--;
    this.#withinBounds.set(exponent, [first, last]);
    return [first, last];
  }

  /** Whether a number n x 10^exponent with first <= n <= last meets all but the bounds. */
  #hasOne(first: bigint, last: bigint, exponent: number): boolean {
    const { multipleOf, notMultipleOf } = this.#shape;
    const unit = multipleOf === undefined ? 1n : leastMultiple(multipleOf, exponent);
    let candidate = ((first + unit - 1n) / unit) * unit;
    // Among 2^k multiples in a row there is one that k primes do not divide (Kanold 1967), unless one of them
    // divides all; each number of `not` can spoil one such run.
    const tries = 2 ** notMultipleOf.length * (this.#not.length + 1);
    for (let i = 0; i < tries && candidate <= last; i++, candidate += unit) {
      const number = decimal(candidate, exponent);
      const isExcluded =
        notMultipleOf.some((each) => isMultiple(number, each)) ||
        this.#not.some((each) => compare(each, number) === 0);
      if (!isExcluded) return true;
    }
    return false;
  }
}

function isAt(digits: bigint, exponent: number, number: Decimal): boolean {
  return compare({ digits, exponent }, number) === 0;
}

/** The power of ten of the largest digit: 2 for 345. Far below all others for 0. */
function powerOf({ digits, exponent }: Decimal): number {
  if (digits === 0n) return Number.NEGATIVE_INFINITY;
  return `${digits < 0n ? -digits : digits}`.length + exponent - 1;
}
