/*
 * Functions of + - * / alone, which have the same bits in every runtime; Math.sin and Math.log2 need not. They are exact
 * to 1e-9, far below a step of a sample of 16 bits.
 */

/** Coefficients of the Taylor series of the sine of x / x, by powers of x * x, greatest first. */
const SERIES = [
  -1 / 1_307_674_368_000,
  1 / 6_227_020_800,
  -1 / 39_916_800,
  1 / 362_880,
  -1 / 5040,
  1 / 120,
  -1 / 6,
  1,
];

/** The sine of an angle in turns: sine(1/4) is 1. */
export function sine(turns) {
  const part = turns - Math.floor(turns);
  // By symmetry to the quarter turn on both sides of 0.
  const near = part > 0.75 ? part - 1 : part > 0.25 ? 0.5 - part : part;
  const x = 2 * Math.PI * near;
  const y = x * x;
  let sum = 0;
  for (let i = 0; i < SERIES.length; i++) sum = sum * y + SERIES[i];
  return x * sum;
}

/** The logarithm to the base 2 of a number above 0. */
export function log2(value) {
  let exponent = 0;
  let x = value;
  for (; x >= 1.5; x /= 2) exponent++;
  for (; x < 0.75; x *= 2) exponent--;
  // ln x = 2 artanh((x - 1) / (x + 1))
  const z = (x - 1) / (x + 1);
  let sum = 0;
  for (let n = 13; n >= 1; n -= 2) sum = sum * z * z + 1 / n;
  return exponent + (2 * z * sum) / Math.LN2;
}

/** Random numbers, the same for a seed in every runtime: xorshift of 32 bits (Marsaglia 2003). */
export function randomNumbers(seed) {
  // A state of 0 would stay 0. Near seeds begin alike, so some numbers are passed over.
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next();
  return {
    /** A number from `least` to below `most`. */
    between: (least, most) => least + (next() / 2 ** 32) * (most - least),
    /** A whole number from 0 to `count` - 1. */
    below: (count) => Math.floor((next() / 2 ** 32) * count),
    pick: (items) => items[Math.floor((next() / 2 ** 32) * items.length)],
  };
}
