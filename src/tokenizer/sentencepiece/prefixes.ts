import type { PieceTable } from './piece_table.js';

/**
 * Finds all pieces with which a text begins. The pieces are sorted by their bytes, so that those that begin
 * alike are a range, which each byte of the text narrows.
 */
export class Prefixes {
  readonly #bytes: Uint8Array;
  readonly #starts: Int32Array;
  readonly #sorted: Int32Array;
  /** By first byte: the range of its pieces in `#sorted` is [#first[byte], #first[byte + 1]). */
  readonly #first = new Int32Array(257);
  /** The ids of the last search, shortest first, and the numbers of their bytes. */
  readonly ids: number[] = [];
  readonly lengths: number[] = [];

  /** `ids`: those of `table` that are looked for. */
  constructor({ bytes, starts }: PieceTable, ids: readonly number[]) {
    this.#bytes = bytes;
    this.#starts = starts;
    this.#sorted = Int32Array.from(ids).sort((a, b) => this.#compare(a, b));
    for (const id of ids) this.#first[bytes[starts[id]!]! + 1]!++;
    for (let byte = 0; byte < 256; byte++) this.#first[byte + 1]! += this.#first[byte]!;
  }

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  /** Finds the pieces with which bytes[start, end) begins, and returns how many these are. */
  search(bytes: Uint8Array, start: number, end: number): number {
    const sorted = this.#sorted;
    const starts = this.#starts;
    let count = 0;
    let low = this.#first[bytes[start]!]!;
    let high = this.#first[bytes[start]! + 1]!;
    for (let length = 1; low < high; length++) {
      const shortest = sorted[low]!;
      if (starts[shortest + 1]! - starts[shortest]! === length) {
        this.ids[count] = shortest;
        this.lengths[count++] = length;
        low++;
      }
      if (start + length >= end) break;
      const byte = bytes[start + length]!;
      low = this.#bound(low, high, length, byte);
      high = this.#bound(low, high, length, byte + 1);
    }
    return count;
  }

  /** The bytes of the longest piece with which bytes[start, end) begins; 0 if there is none. */
  longest(bytes: Uint8Array, start: number, end: number): number {
    const count = this.search(bytes, start, end);
    return count === 0 ? 0 : this.lengths[count - 1]!;
  }

  /** The first of the pieces [low, high), all longer than `place`, whose byte there is `byte` or higher. */
  #bound(low: number, high: number, place: number, byte: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bytes[this.#starts[this.#sorted[middle]!]! + place]! < byte) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: number, b: number): number {
    const startA = this.#starts[a]!;
    const startB = this.#starts[b]!;
    const lengthA = this.#starts[a + 1]! - startA;
    const lengthB = this.#starts[b + 1]! - startB;
    const common = Math.min(lengthA, lengthB);
    for (let i = 0; i < common; i++) {
      const difference = this.#bytes[startA + i]! - this.#bytes[startB + i]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }
}
