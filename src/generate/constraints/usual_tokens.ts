import { utf8Text } from '../../base/utf8_text.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Expression } from './expressions/expression.js';
import { forcedBytes } from './forced_bytes.js';
import type { TokenMask } from './masks/token_mask.js';

/** More tokens are not looked at one by one. */
const MOST_TOKENS = 64;

const known = new WeakMap<TokenMask, readonly number[]>();

/**
 * The allowed tokens without those that would be followed by a certain text which the tokenizer writes in another way:
 * after "The" of the choices "Then" and "Suddenly" the model has read another word than it would have to write. None
 * if all are usual, or if many are allowed. `mask`: that of `state`.
 */
export function usualTokens(mask: TokenMask, state: Expression, tokenizer: Tokenizer): readonly number[] {
  let usual = known.get(mask);
  if (usual === undefined) {
    const allowed = mask.few ?? [];
    const kept =
      allowed.length > MOST_TOKENS ? [] : [...allowed].filter((id) => isUsual(id, state, tokenizer));
    usual = kept.length === allowed.length ? [] : kept;
    known.set(mask, usual);
  }
  return usual;
}

function isUsual(id: number, state: Expression, tokenizer: Tokenizer): boolean {
  const own = tokenizer.tokenBytes(id);
  const { bytes } = forcedBytes(state.after(own));
  const text = bytes.length > 0 ? utf8Text(Uint8Array.of(...own, ...bytes)) : undefined;
  return text === undefined || tokenizer.encode(text)[0] === id;
}
