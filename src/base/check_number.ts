import { invalidOption } from './check_options.js';
import { LARGEST_F32 } from './finite.js';

/** A rule for numbers: a test, and the description of valid numbers for messages. */
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

/** An unsigned 32-bit integer, such as a seed. */
export const BITS_32 = whole(0, 2 ** 32 - 1);

/** Throws `invalid-option` for anything but a number that passes the rule. */
export function checkNumber(
  name: string,
  value: unknown,
  [test, right]: NumberRule,
): asserts value is number {
  if (!(typeof value === 'number' && test(value))) throw invalidOption(name, value, right);
}
