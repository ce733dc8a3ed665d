import { bytesOfToken } from '../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

const gapsOf = new WeakMap<Tokenizer, readonly number[]>();

/** Ids below `vocabSize` for which the tokenizer has no token; searched once for each tokenizer. */
function gaps(tokenizer: Tokenizer): readonly number[] {
  // Only a tokenizer that was read from files knows its gaps.
  if ('hasNoGaps' in tokenizer) return [];
  let ids = gapsOf.get(tokenizer);
  if (!ids) {
    ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter(
      (id) => bytesOfToken(tokenizer, id) === undefined,
    );
    gapsOf.set(tokenizer, ids);
  }
  return ids;
}

/**
 * Bans the ids that the tokenizer cannot decode: those that pad the model's vocabulary to a round size, and
 * gaps in the tokenizer's vocabulary. Changes `logits` [V] in place.
 */
export function banUndecodable(logits: Float32Array, tokenizer: Tokenizer): void {
  logits.fill(Number.NEGATIVE_INFINITY, tokenizer.vocabSize);
  for (const id of gaps(tokenizer)) logits[id] = Number.NEGATIVE_INFINITY;
}
