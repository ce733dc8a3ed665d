import { ByteSet } from '../../expressions/byte_set.js';
import { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';

/** Up to here 10 x a remainder is exact. */
export const LARGEST_UNIT = 1_000_000n;
const [ZERO, NINE, POINT] = [0x30, 0x39, 0x2e];
const CUTS = ByteSet.of(
  [POINT, POINT + 1],
  ...Array.from({ length: 11 }, (_, i) => [ZERO + i, ZERO + i] as const),
);

/** How far the digits of a number are. */
interface Digits {
  /** Of the digits so far, taken as an integer, modulo the unit. */
  readonly remainder: number;
  /** The least and the greatest number of digits that come before the point; undefined after it. */
  readonly counts: readonly [number, number] | undefined;
  /** Digits that may come after the point. */
  readonly left: number;
  /** Whether the last character is the point. */
  readonly isAfterPoint: boolean;
}

/** The digits of multiples of unit / 10^digits, where no bound can be passed: states are shared by remainder. */
export function multipleDigits(make: Expressions, unit: number, digits: Digits): Expression {
  if (!isPossible(unit, digits)) return make.nothing;
  const { remainder, counts, left, isAfterPoint } = digits;
  return make.intern(
    `multiple ${unit} ${remainder} ${counts} ${left} ${isAfterPoint}`,
    (id) => new MultipleDigits(id, make, unit, digits),
  );
}

/** Whether more digits can make a multiple. */
function isPossible(unit: number, { remainder, counts, left }: Digits): boolean {
  const [least, most] = counts ?? [0, 0];
  if (most < least || left < 0) return false;
  let after = remainder;
  for (let i = 0; i < least; i++) after = (after * 10) % unit;
  for (let added = least; added <= most; added++) {
    let fraction = after;
    for (let i = 0; i < left; i++) fraction = (fraction * 10) % unit;
    // The numbers that begin so are this one and 10^n - 1 after it.
    const size = 10 ** (added + left);
    if (size >= unit || (unit - fraction) % unit < size) return true;
    after = (after * 10) % unit;
  }
  return false;
}

class MultipleDigits extends Expression {
  readonly isNullable: boolean;
  readonly #make: Expressions;
  readonly #unit: number;
  readonly #digits: Digits;

  constructor(id: number, make: Expressions, unit: number, digits: Digits) {
    super(id, make);
    this.#make = make;
    this.#unit = unit;
    this.#digits = digits;
    let { remainder } = digits;
    for (let i = 0; i < digits.left; i++) remainder = (remainder * 10) % unit;
    this.isNullable = remainder === 0 && !digits.isAfterPoint && (digits.counts?.[0] ?? 0) === 0;
  }

  findCuts(): ByteSet {
    return CUTS;
  }

  findDerivative(byte: number): Expression {
    const { remainder, counts, left } = this.#digits;
    if (byte === POINT && counts?.[0] === 0 && left > 0) {
      return multipleDigits(this.#make, this.#unit, {
        remainder,
        counts: undefined,
        left,
        isAfterPoint: true,
      });
    }
    if (byte < ZERO || byte > NINE) return this.maker.nothing;
    return multipleDigits(this.#make, this.#unit, {
      remainder: (remainder * 10 + byte - ZERO) % this.#unit,
      counts: counts && [Math.max(0, counts[0] - 1), counts[1] - 1],
      left: counts === undefined ? left - 1 : left,
      isAfterPoint: false,
    });
  }
}
