/** An exact decimal number, digits x 10^exponent. `digits` does not end in 0; zero has the exponent 0. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

export function decimal(digits: bigint, exponent: number): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  let [rest, power] = [digits, exponent];
  while (rest % 10n === 0n) {
    rest /= 10n;
    power++;
  }
  return { digits: rest, exponent: power };
}

/** The number that a text of JSON means, or the shortest decimal that a double has. */
export function decimalOf(number: number | string): Decimal {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(number)) ?? [];
  const digits = BigInt(`${whole}${fraction}`);
  return decimal(sign === '-' ? -digits : digits, Number(exponent) - fraction.length);
}

/** The same text for equal numbers. */
export function decimalKey({ digits, exponent }: Decimal): string {
  return `${digits}e${exponent}`;
}

/** Negative, zero or positive, as a is less than, equal to or greater than b. */
export function compare(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const [x, y] = [scaled(a, exponent), scaled(b, exponent)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** number / 10^exponent, which must be an integer. */
function scaled({ digits, exponent }: Decimal, unit: number): bigint {
  return digits * 10n ** BigInt(exponent - unit);
}

/** The greatest integer n with n x 10^exponent <= number. */
export function floorAt(number: Decimal, exponent: number): bigint {
  if (number.exponent >= exponent) return scaled(number, exponent);
  const unit = 10n ** BigInt(exponent - number.exponent);
  const quotient = number.digits / unit;
  return number.digits < 0n && quotient * unit !== number.digits ? quotient - 1n : quotient;
}

/** The least integer n with n x 10^exponent >= number. */
export function ceilAt(number: Decimal, exponent: number): bigint {
  return -floorAt({ digits: -number.digits, exponent: number.exponent }, exponent);
}

/** The least positive integer n for which n x 10^exponent is a multiple of a positive `number`. */
export function leastMultiple(number: Decimal, exponent: number): bigint {
  const power = 10n ** BigInt(Math.abs(exponent - number.exponent));
  if (exponent < number.exponent) return number.digits * power;
  return number.digits / gcd(number.digits, power);
}

/** The least number that is a multiple of both. */
export function lcm(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  const [x, y] = [scaled(a, exponent), scaled(b, exponent)];
  return decimal((x / gcd(x, y)) * y, exponent);
}

export function isMultiple(number: Decimal, of: Decimal): boolean {
  const exponent = Math.min(number.exponent, of.exponent);
  return scaled(number, exponent) % scaled(of, exponent) === 0n;
}

export function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b);
}
