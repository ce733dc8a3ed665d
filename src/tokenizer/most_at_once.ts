import { Gpt2Error } from '../base/errors.js';

/** Ids of one text. V8 ends the process when an array grows beyond 112,813,858 items. */
export const MOST_IDS = 1e8;

/** UTF-8 bytes of one text. V8's longest string has 2^29 - 24 characters. */
export const MOST_BYTES = 5e8;

/** The error for a text with more. */
export function tooLong(): never {
  throw new Gpt2Error('invalid-option', 'the text is too long; give parts');
}
