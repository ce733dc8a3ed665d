import type { Expression } from './expressions/expression.js';
import { onlyByte } from './masks/first_bytes.js';

/** Most bytes that are looked at. */
const MOST_BYTES = 1024;

/** The bytes that must follow after a state, and the state after them. */
export function forcedBytes(state: Expression): {
  readonly bytes: readonly number[];
  readonly rest: Expression;
} {
  const bytes: number[] = [];
  let rest = state;
  for (let byte = onlyByte(rest); byte !== undefined && bytes.length < MOST_BYTES; byte = onlyByte(rest)) {
    bytes.push(byte);
    rest = rest.step(byte);
  }
  return { bytes, rest };
}
