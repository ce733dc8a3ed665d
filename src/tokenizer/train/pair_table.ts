import { grown } from '../../base/grown.js';
import { hashPair, NO_SLOT, pairKey } from '../bpe/merge_table.js';
import { MOST_PROBES } from '../token_table.js';

/** Every pair of neighbouring tokens that has occurred: its count, and the places where it may occur. */
export class PairTable {
  size = 0;
  left = new Int32Array(1 << 12);
  right = new Int32Array(1 << 12);
  counts = new Float64Array(1 << 12);
  /** By pair: the first and the last node of its list of places; -1 if it has none. */
  #first = new Int32Array(1 << 12);
  #last = new Int32Array(1 << 12);
  #slots = new Int32Array(1 << 13);
  /** Pairs that found no slot free, by `pairKey`. */
  readonly #crowded = new Map<string, number>();
  #nodes = 0;
  #nodePlace = new Int32Array(1 << 16);
  #nodeNext = new Int32Array(1 << 16);

  /** The index of a pair; a new pair has the count 0. */
  index(left: number, right: number): number {
    const slot = this.#slotOf(left, right);
    const pair = (slot === NO_SLOT ? this.#crowded.get(pairKey(left, right)) : this.#slots[slot]! - 1) ?? -1;
    if (pair !== -1) return pair;
    this.#keep(this.size, left, right, slot);
    return this.#append(left, right);
  }

  /** Adds a place at the end of a pair's list. */
  addPlace(pair: number, place: number): void {
    if (this.#nodes === this.#nodePlace.length) {
      this.#nodePlace = grown(this.#nodePlace);
      this.#nodeNext = grown(this.#nodeNext);
    }
    const node = this.#nodes++;
    this.#nodePlace[node] = place;
    this.#nodeNext[node] = -1;
    if (this.#first[pair] === -1) this.#first[pair] = node;
    else this.#nodeNext[this.#last[pair]!] = node;
    this.#last[pair] = node;
  }

  /** Removes and returns the places of a pair, in ascending order. At some of them it no longer occurs. */
  takePlaces(pair: number): number[] {
    const places: number[] = [];
    let isSorted = true;
    for (let node = this.#first[pair]!; node !== -1; node = this.#nodeNext[node]!) {
      const place = this.#nodePlace[node]!;
      isSorted &&= places.length === 0 || places[places.length - 1]! <= place;
      places.push(place);
    }
    this.#first[pair] = -1;
    return isSorted ? places : places.sort((a, b) => a - b);
  }

  #append(left: number, right: number): number {
    const pair = this.size++;
    if (this.size === this.left.length) {
      this.left = grown(this.left);
      this.right = grown(this.right);
      this.counts = grown(this.counts);
      this.#first = grown(this.#first);
      this.#last = grown(this.#last);
    }
    this.left[pair] = left;
    this.right[pair] = right;
    this.#first[pair] = -1;
    if (2 * this.size > this.#slots.length) this.#rehash();
    return pair;
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#crowded.clear();
    for (let pair = 0; pair < this.size; pair++) {
      const left = this.left[pair]!;
      const right = this.right[pair]!;
      this.#keep(pair, left, right, this.#slotOf(left, right));
    }
  }

  #keep(pair: number, left: number, right: number, slot: number): void {
    if (slot === NO_SLOT) this.#crowded.set(pairKey(left, right), pair);
    else this.#slots[slot] = pair + 1;
  }

  /** The slot of a pair, or the free slot for it; NO_SLOT if all slots that it may use are taken. */
  #slotOf(left: number, right: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashPair(left, right) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const pair = this.#slots[slot]! - 1;
      if (pair === -1 || (this.left[pair] === left && this.right[pair] === right)) return slot;
      slot = (slot + 1) & mask;
    }
    return NO_SLOT;
  }
}
