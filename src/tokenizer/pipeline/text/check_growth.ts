import { Gpt2Error } from '../../../base/errors.js';

/**
 * Most UTF-16 units that the steps of a tokenizer may make of a text, and how many more for each unit that it has. Without a
 * limit, a few steps in the file of a stranger could multiply the length again and again.
 */
const MOST_UNITS = 2 ** 16;
const MOST_UNITS_FOR_EACH = 64;

/** Throws `invalid-option` if a text of `units` UTF-16 units became too long. */
export function checkGrowth(units: number, grown: number): void {
  if (grown <= MOST_UNITS + MOST_UNITS_FOR_EACH * units) return;
  throw new Gpt2Error(
    'invalid-option',
    `the text becomes too long where its tokenizer replaces parts: ${grown} characters in place of ${units}`,
  );
}
