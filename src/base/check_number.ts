import { invalidOption } from './check_options.js';
import { LARGEST_F32 } from './finite.js';

/** What a number must be: a test, and its words. */
export type NumberRule = readonly [test: (value: number) => boolean, right: string];

/** Whole numbers from `least` to `most`. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): NumberRule => [
  (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  most === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${least}`
    : `a whole number from ${least} to ${most}`,
];

export const share: NumberRule = [(value) => value >= 0 && value < 1, 'at least 0 and below 1'];

export const positive: NumberRule = [
  (value) => value > 0 && value <= LARGEST_F32,
  'a number above 0 that 32 bits can hold',
];

export const notNegative: NumberRule = [
  (value) => value >= 0 && value <= LARGEST_F32,
  'a number from 0 that 32 bits can hold',
];

export const finite: NumberRule = [
  (value) => Math.abs(value) <= LARGEST_F32,
  'a number that 32 bits can hold',
];

/** A number of 32 bits without a sign, such as a seed. */
export const BITS_32 = whole(0, 2 ** 32 - 1);

/** Throws `invalid-option` for what is no number, or not such a one. */
export function checkNumber(
  name: string,
  value: unknown,
  [test, right]: NumberRule,
): asserts value is number {
  if (!(typeof value === 'number' && test(value))) throw invalidOption(name, value, right);
}
