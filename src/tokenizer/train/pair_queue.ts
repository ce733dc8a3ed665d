import { grown } from '../../base/grown.js';
import type { PairTable } from './pair_table.js';

/**
 * A queue of pairs: the most frequent first; of equally frequent ones the one with the lower left id, then
 * with the lower right id. It is a binary heap with one valid entry for each pair; an entry whose count has
 * fallen is corrected when it reaches the top.
 */
export class PairQueue {
  readonly #pairs: PairTable;
  #size = 0;
  #entryPair = new Int32Array(1 << 12);
  #entryCount = new Float64Array(1 << 12);
  /** By pair: the count in its valid entry; 0 if it has none. */
  #queued = new Float64Array(1 << 12);

  constructor(pairs: PairTable) {
    this.#pairs = pairs;
  }

  /** Adds a pair, or raises its count. */
  raise(pair: number): void {
    while (pair >= this.#queued.length) this.#queued = grown(this.#queued);
    const count = this.#pairs.counts[pair]!;
    if (count > this.#queued[pair]!) this.#push(pair, count);
  }

  /** Removes and returns the first pair whose count is not 0; -1 if there is none. */
  next(): number {
    while (this.#size > 0) {
      const pair = this.#entryPair[0]!;
      const count = this.#entryCount[0]!;
      this.#removeTop();
      if (count !== this.#queued[pair]) continue;
      this.#queued[pair] = 0;
      const current = this.#pairs.counts[pair]!;
      if (current === count) return pair;
      if (current > 0) this.#push(pair, current);
    }
    return -1;
  }

  #push(pair: number, count: number): void {
    this.#queued[pair] = count;
    if (this.#size === this.#entryPair.length) {
      this.#entryPair = grown(this.#entryPair);
      this.#entryCount = grown(this.#entryCount);
    }
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isBefore(pair, count, this.#entryPair[parent]!, this.#entryCount[parent]!)) break;
      this.#entryPair[at] = this.#entryPair[parent]!;
      this.#entryCount[at] = this.#entryCount[parent]!;
      at = parent;
    }
    this.#entryPair[at] = pair;
    this.#entryCount[at] = count;
  }

  #removeTop(): void {
    const size = --this.#size;
    const pair = this.#entryPair[size]!;
    const count = this.#entryCount[size]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isEntryBefore(child + 1, child)) child++;
      if (!this.#isBefore(this.#entryPair[child]!, this.#entryCount[child]!, pair, count)) break;
      this.#entryPair[at] = this.#entryPair[child]!;
      this.#entryCount[at] = this.#entryCount[child]!;
      at = child;
    }
    this.#entryPair[at] = pair;
    this.#entryCount[at] = count;
  }

  #isEntryBefore(a: number, b: number): boolean {
    return this.#isBefore(
      this.#entryPair[a]!,
      this.#entryCount[a]!,
      this.#entryPair[b]!,
      this.#entryCount[b]!,
    );
  }

  #isBefore(pair: number, count: number, otherPair: number, otherCount: number): boolean {
    if (count !== otherCount) return count > otherCount;
    const { left, right } = this.#pairs;
    return left[pair] !== left[otherPair] ? left[pair]! < left[otherPair]! : right[pair]! < right[otherPair]!;
  }
}
