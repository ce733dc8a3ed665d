import { Gpt2Error } from '../base/errors.js';

/** Ids of one text. V8 ends the process when an array grows beyond 112,813,858 items. */
export const MOST_IDS = 100_000_000;

/** V8's longest string has 2^29 - 24 characters. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** The ids of a text, which are undefined if there are more than `MOST_IDS`. Throws `invalid-option` then. */
export function checkedIds(ids: number[] | undefined): number[] {
  if (ids !== undefined) return ids;
  throw tooMuch(`the text is more than ${MOST_IDS} tokens`);
}

/** Throws `invalid-option` if ids stand for more UTF-8 bytes than are decoded at once. */
export function checkTextLength(bytes: number): void {
  if (bytes > LONGEST_TEXT) throw tooMuch(`the ids are more than ${LONGEST_TEXT} bytes`);
}

const tooMuch = (problem: string) => new Gpt2Error('invalid-option', `${problem}; give them in parts`);
