import type { Tokenizer } from './tokenizer.js';

/** The bytes of a token; undefined for an id without one. */
export function bytesOfToken(tokenizer: Tokenizer, id: number): Uint8Array | undefined {
  try {
    return tokenizer.tokenBytes(id);
  } catch {
    return undefined;
  }
}
