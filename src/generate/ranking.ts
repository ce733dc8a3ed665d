import type { LogitsRow } from '../core/types.js';

/** Candidates asked of the core, one number after the other, before the whole vocabulary is sorted. */
const PARTIAL_RANKINGS = [64, 512];

/** Digits of a 32-bit key for the radix sort: 11, 11 and 10 bits. */
const SHIFTS = [0, 11, 22];
const DIGITS = 2048;

/**
 * Every id, most probable first, equal ones by lower id. A radix sort: the bits of non-negative floats are in the
 * order of their values. One to two milliseconds for 50,000, where the core's heap takes several.
 */
function rankAll(probabilities: Float32Array): Int32Array {
  const { buffer, byteOffset, length } = probabilities;
  const bits = new Uint32Array(buffer, byteOffset, length);
  let ids = new Int32Array(length);
  let sorted = new Int32Array(length);
  for (let id = 0; id < length; id++) ids[id] = id;
  for (const shift of SHIFTS) {
    // places[d]: where the next id with digit d goes.
    const places = new Int32Array(DIGITS + 1);
    for (let id = 0; id < length; id++) places[((~bits[id]! >>> shift) & (DIGITS - 1)) + 1]!++;
    for (let digit = 0; digit < DIGITS; digit++) places[digit + 1]! += places[digit]!;
    for (let i = 0; i < length; i++) {
      const id = ids[i]!;
      const digit = (~bits[id]! >>> shift) & (DIGITS - 1);
      sorted[places[digit]!++] = id;
    }
    [ids, sorted] = [sorted, ids];
  }
  return ids;
}

/**
 * The `length` most likely tokens in order of probability, equal ones by lower id, found as far as they are looked
 * at: usually a few hundred hold nearly all of the probability.
 */
export class Ranking {
  readonly length: number;
  readonly #row: LogitsRow;
  readonly #probabilities: Float32Array;
  #ids: Int32Array = new Int32Array(0);
  #partial = 0;

  /** `probabilities`: the latest softmax of the row. */
  constructor(row: LogitsRow, probabilities: Float32Array, length: number) {
    this.length = length;
    this.#row = row;
    this.#probabilities = probabilities;
  }

  /** The id at a rank from 0 to length - 1. */
  id(rank: number): number {
    while (rank >= this.#ids.length) {
      const count = PARTIAL_RANKINGS[this.#partial++];
      this.#ids =
        count === undefined ? rankAll(this.#probabilities) : this.#row.topK(Math.min(count, this.length));
    }
    return this.#ids[rank]!;
  }

  probability(rank: number): number {
    return this.#probabilities[this.id(rank)]!;
  }
}
