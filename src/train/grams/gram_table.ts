/** Multiplier of the rolling hash: 2^32 over the golden ratio, which is odd. */
const BASE = 0x9e3779b1;

/** Spreads a hash over all 32 bits (the last step of MurmurHash3, Appleby 2011). */
export function spread(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Calls `visit` with the hash and the index of each n-gram in tokens[start, end), in order, until it returns
 * false. Takes constant time for each (a rolling hash, Karp and Rabin 1987).
 */
export function eachGram(
  tokens: Int32Array,
  start: number,
  end: number,
  length: number,
  visit: (hash: number, at: number) => boolean,
): void {
  let leaving = 1;
  for (let i = 0; i < length; i++) leaving = Math.imul(leaving, BASE);
  let hash = 0;
  for (let at = start; at < end; at++) {
    hash = (Math.imul(hash, BASE) + tokens[at]!) | 0;
    const first = at + 1 - length;
    if (first < start) continue;
    if (first > start) hash = (hash - Math.imul(leaving, tokens[first - 1]!)) | 0;
    if (!visit(spread(hash), first)) return;
  }
}

/** A set of n-grams of tokens, each with a number in the order in which they came. Compares the tokens, not only hashes. */
export class GramTable {
  /** Number of different n-grams. */
  size = 0;
  /** n: tokens of each n-gram. */
  length = 0;
  #tokens: Int32Array = new Int32Array(0);
  #hashes = new Int32Array(0);
  /** Index in the tokens where each n-gram was found first. */
  #places = new Int32Array(0);
  /** Open addressing: number of an n-gram + 1, or 0. */
  #slots = new Int32Array(0);
  /** Number of slots in use, a power of 2, minus 1. */
  #mask = 0;

  /** Empties the set, and makes room for `most` n-grams of `length` of these tokens. */
  reset(tokens: Int32Array, length: number, most: number): void {
    this.size = 0;
    this.length = length;
    this.#tokens = tokens;
    let slots = 16;
    while (slots < 2 * most) slots *= 2;
    if (this.#hashes.length < most) {
      this.#hashes = new Int32Array(most);
      this.#places = new Int32Array(most);
    }
    if (this.#slots.length < slots) this.#slots = new Int32Array(slots);
    else this.#slots.fill(0, 0, slots);
    this.#mask = slots - 1;
  }

  /** Adds the n-gram at an index of the set's tokens, if it is new; returns its number. */
  add(hash: number, at: number): number {
    const slot = this.#slotOf(hash, this.#tokens, at);
    if (this.#slots[slot] !== 0) return this.#slots[slot]! - 1;
    this.#hashes[this.size] = hash;
    this.#places[this.size] = at;
    this.#slots[slot] = ++this.size;
    return this.size - 1;
  }

  /** Number of the n-gram at an index of other tokens; -1 if it is not in the set. */
  find(hash: number, tokens: Int32Array, at: number): number {
    return this.#slots[this.#slotOf(hash, tokens, at)]! - 1;
  }

  /** The hash of n-gram `number`. */
  hash(number: number): number {
    return this.#hashes[number]!;
  }

  /** The slot that holds an n-gram, or the empty one where it belongs. */
  #slotOf(hash: number, tokens: Int32Array, at: number): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = this.#slots[slot]! - 1;
      if (number === -1) return slot;
      if (this.#hashes[number] === hash && this.#isSame(this.#places[number]!, tokens, at)) return slot;
    }
  }

  #isSame(place: number, tokens: Int32Array, at: number): boolean {
    for (let i = 0; i < this.length; i++) if (this.#tokens[place + i] !== tokens[at + i]) return false;
    return true;
  }
}
