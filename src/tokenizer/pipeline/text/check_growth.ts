import { Gpt2Error } from '../../../base/errors.js';

/** What the steps of a tokenizer may make of a text: a few steps of a stranger's file could multiply its length again and again. */
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
