import { BitSet } from './bit_set.js';

/** Up to so many allowed tokens are listed. */
const MOST_LISTED = 512;

/** A set of allowed token ids. */
export class TokenMask extends BitSet {
  /** The allowed ids, if they are few. */
  #few: Int32Array | undefined;
  #isCounted = false;

  /** Bans all other tokens in `logits` [V]. The mask must not change any more. */
  apply(logits: Float32Array): void {
    if (!this.#isCounted) this.#few = listed(this.words);
    this.#isCounted = true;
    if (this.#few === undefined) this.#applyWords(logits);
    else {
      const few = this.#few;
      const kept = Float32Array.from(few, (id) => logits[id]!);
      logits.fill(Number.NEGATIVE_INFINITY);
      for (let i = 0; i < few.length; i++) logits[few[i]!] = kept[i]!;
    }
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
