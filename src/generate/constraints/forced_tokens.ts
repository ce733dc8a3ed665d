import { utf8Text } from '../../base/utf8_text.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Expression } from './expressions/expression.js';
import { forcedBytes } from './forced_bytes.js';
import { mustEnd } from './masks/first_bytes.js';

/**
 * The tokens that write the only possible continuation, if it has two bytes or more. The last one is left out if
 * the text may go on after it, since a longer token may begin at its place.
 */
export function forcedTokens(state: Expression, tokenizer: Tokenizer): number[] {
  const { bytes, rest } = forcedBytes(state);
  const text = bytes.length > 1 ? utf8Text(Uint8Array.from(bytes)) : undefined;
  if (text === undefined) return [];
  const tokens = tokenizer.encode(text);
  if (!mustEnd(rest)) tokens.pop();
  return writes(tokens, bytes, tokenizer) ? tokens : [];
}

/** Whether the tokens' own bytes are the beginning of `bytes`: a tokenizer may add a space, or lack a character. */
function writes(tokens: readonly number[], bytes: readonly number[], tokenizer: Tokenizer): boolean {
  const written = tokens.flatMap((id) => [...tokenizer.tokenBytes(id)]);
  return written.length <= bytes.length && written.every((byte, i) => byte === bytes[i]);
}
