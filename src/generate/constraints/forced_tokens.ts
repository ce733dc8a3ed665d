import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Expression } from './expressions/expression.js';
import { mustEnd, onlyByte } from './masks/first_bytes.js';

/** Most bytes that are appended at once. */
const MOST_BYTES = 1024;

/**
 * The tokens that write the only possible continuation, if it has two bytes or more. The last one is left out if
 * the text may go on after it, since a longer token may begin at its place.
 */
export function forcedTokens(state: Expression, tokenizer: Tokenizer): number[] {
  const bytes: number[] = [];
  let rest = state;
  for (let byte = onlyByte(rest); byte !== undefined && bytes.length < MOST_BYTES; byte = onlyByte(rest)) {
    bytes.push(byte);
    rest = rest.step(byte);
  }
  const text = bytes.length > 1 ? decoded(Uint8Array.from(bytes)) : undefined;
  if (text === undefined) return [];
  const tokens = tokenizer.encode(text);
  if (!mustEnd(rest)) tokens.pop();
  return writes(tokens, bytes, tokenizer) ? tokens : [];
}

/** The text of whole characters; undefined for parts of one. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether the tokens' own bytes are the beginning of `bytes`: a tokenizer may add a space, or lack a character. */
function writes(tokens: readonly number[], bytes: readonly number[], tokenizer: Tokenizer): boolean {
  const written = tokens.flatMap((id) => [...tokenizer.tokenBytes(id)]);
  return written.length <= bytes.length && written.every((byte, i) => byte === bytes[i]);
}
