import { Gpt2Error } from '../base/errors.js';

/** Most bytes of a number of 64 bits, 7 bits in each. */
const MOST_BYTES = 10;

/**
 * A number of variable length from bytes[at] on, the low 7 bits first, and the position after it; above 2^53
 * the nearest double. `what` names what has it. Throws `invalid-file` if it does not end.
 */
export function readVarint(bytes: Uint8Array, at: number, what: string): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < MOST_BYTES; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  throw new Gpt2Error('invalid-file', `${what} is damaged: the number at byte ${at} does not end`);
}
