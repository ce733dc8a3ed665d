/** ln 2 in two parts: the first has 32 bits, so that its product with a small integer is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** ln 2 */
export const LN2 = LN2_HIGH + LN2_LOW;

const bits = new DataView(new ArrayBuffer(8));
const EXPONENT_BIAS = 1023;
/** 2 ** -1022 */
export const LEAST_NORMAL = powerOf2(-1022);

/** 2 ** k for an integer k from -1022 to 1023. */
function powerOf2(k: number): number {
  bits.setUint32(0, (k + EXPONENT_BIAS) * 2 ** 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** 2 ** k for k from -1022 to 1023. */
const POWERS = Float64Array.from({ length: 2046 }, (_, index) => powerOf2(index - 1022));

/** 1 / n! for n from 14 to 0. */
const FACTORS = [1];
for (let n = 1; n <= 14; n++) FACTORS.unshift(FACTORS[0]! / n);

/**
 * e ** x. `Math.exp` differs between engines in the last bit; this function uses + - * / alone, and is the
 * same everywhere. Its error is at most 2 units in the last place; results below 2 ** -1022 are 0, and those
 * above e ** 709 Infinity.
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 709) return Number.POSITIVE_INFINITY;
  if (x < -708.3) return 0;
  const k = Math.round(x / LN2);
  const rest = x - k * LN2_HIGH - k * LN2_LOW;
  // The Taylor series of e ** rest, with |rest| <= ln(2) / 2.
  let sum = 0;
  for (let i = 0; i < 15; i++) sum = sum * rest + FACTORS[i]!;
  return sum * POWERS[k + 1022]!;
}

/** ln(x), as `exp` in place of `Math.log`. Numbers below 2 ** -1022 count as 0. */
export function ln(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (x < LEAST_NORMAL) return Number.NEGATIVE_INFINITY;
  bits.setFloat64(0, x);
  let k = Math.floor(bits.getUint32(0) / 2 ** 20) - EXPONENT_BIAS;
  let mantissa = x / powerOf2(k);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    k++;
  }
  // ln(m) = 2 artanh(s) with s = (m - 1) / (m + 1), |s| <= 0.172
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 21; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return k * LN2_HIGH + (2 * s * sum + k * LN2_LOW);
}

/** base ** exponent for a base of 0 or more, as `exp` in place of `**`. */
export function power(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  return base === 0 ? (exponent > 0 ? 0 : Number.POSITIVE_INFINITY) : exp(exponent * ln(base));
}

/** sin(pi x) for |x| of at most 2 ** 31, as `exp` in place of `Math.sin`. Its error is at most 2e-16. */
export function sinPi(x: number): number {
  const turns = Math.round(x);
  // Exact: neighbours of x are nearer to it than half.
  const rest = (x - turns) * Math.PI;
  const square = rest * rest;
  // The Taylor series of the sine, with |rest| <= pi / 2.
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = 1 - (sum * square) / ((n + 1) * (n + 2));
  return rest * sum * (turns % 2 === 0 ? 1 : -1);
}
