import { allowOnly } from '../../processors/allow_only.js';
import { BitSet } from './bit_set.js';

/** Up to so many allowed tokens are few. */
const MOST_LISTED = 4096;

/** A set of allowed token ids. */
export class TokenMask extends BitSet {
  #few: Int32Array | undefined;
  #isCounted = false;

  /** The allowed ids, if they are few. The mask must not change any more. */
  get few(): Int32Array | undefined {
    if (!this.#isCounted) this.#few = listed(this.words);
    this.#isCounted = true;
    return this.#few;
  }

  /** Bans all other tokens in `logits` [V]. The mask must not change any more. */
  apply(logits: Float32Array): void {
    if (this.few === undefined) this.#applyWords(logits);
    else allowOnly(this.few, logits);
  }

  #applyWords(logits: Float32Array): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      if (word === 0xffffffff) continue;
      const first = i << 5;
      if (word === 0) {
        logits.fill(Number.NEGATIVE_INFINITY, first, first + 32);
        continue;
      }
      // An id beyond the logits is no element of them.
      for (let banned = ~word; banned !== 0; banned &= banned - 1) {
        logits[first + 31 - Math.clz32(banned & -banned)] = Number.NEGATIVE_INFINITY;
      }
    }
    logits.fill(Number.NEGATIVE_INFINITY, words.length << 5);
  }
}

/** The ids in a mask; undefined if they are many. */
function listed(words: Uint32Array): Int32Array | undefined {
  const ids: number[] = [];
  for (let i = 0; i < words.length; i++) {
    for (let bits = words[i]!; bits !== 0; bits &= bits - 1) {
      if (ids.length === MOST_LISTED) return undefined;
      ids.push((i << 5) + 31 - Math.clz32(bits & -bits));
    }
  }
  return Int32Array.from(ids);
}
