import type { LogitsRow } from '../../core/types.js';
import { ProbabilityBuckets } from './probability_buckets.js';
import { sortByProbability } from './radix_sort.js';
import type { Walked, WalkLimits } from './ranking_prefix.js';

/** Candidates asked of the core, one number after the other, before the whole vocabulary is looked at. */
const PARTIAL_RANKINGS = [64, 512];

/**
 * The `length` most likely tokens in order of probability, equal ones by lower id, found as far as they are
 * looked at: usually a few hundred hold nearly all of the probability. Walks that go on are left to buckets.
 */
export class Ranking {
  readonly length: number;
  readonly #row: LogitsRow;
  readonly #probabilities: Float32Array;
  #ids: Int32Array = new Int32Array(0);
  #partial = 0;
  #buckets: ProbabilityBuckets | undefined;

  /** `probabilities`: the latest softmax of the row. */
  constructor(row: LogitsRow, probabilities: Float32Array, length: number) {
    this.length = length;
    this.#row = row;
    this.#probabilities = probabilities;
  }

  /** The id at a rank from 0 to length - 1. */
  id(rank: number): number {
    if (!this.#reaches(rank)) this.#ids = sortByProbability(this.#probabilities);
    return this.#ids[rank]!;
  }

  probability(rank: number): number {
    return this.#probabilities[this.id(rank)]!;
  }

  /** Goes down the ranking, over entries with a probability, until a limit. */
  walk({ count, mass, least }: WalkLimits): Walked {
    let total = 0;
    for (let rank = 0; rank < count; rank++) {
      if (!this.#reaches(rank)) return this.#allBuckets.walk({ count, mass, least });
      const probability = this.#probabilities[this.#ids[rank]!]!;
      if (probability === 0 || probability < least || (total >= mass && rank > 0))
        return { end: rank, total };
      total += probability;
    }
    return { end: count, total };
  }

  /** The id of the first of `end` entries at which the running sum of probabilities passes `mass`. */
  idPassing(mass: number, end: number): number | undefined {
    let left = mass;
    for (let rank = 0; rank < end; rank++) {
      if (!this.#reaches(rank)) return this.#allBuckets.idPassing(mass, end);
      left -= this.#probabilities[this.#ids[rank]!]!;
      if (left < 0) return this.#ids[rank]!;
    }
    return undefined;
  }

  /** Whether the sorted ids reach a rank, now or once more are asked of the core. */
  #reaches(rank: number): boolean {
    while (rank >= this.#ids.length) {
      const count = PARTIAL_RANKINGS[this.#partial];
      if (count === undefined) return false;
      this.#partial++;
      this.#ids = this.#row.topK(Math.min(count, this.length));
    }
    return true;
  }

  get #allBuckets(): ProbabilityBuckets {
    this.#buckets ??= new ProbabilityBuckets(this.#row, this.#probabilities);
    return this.#buckets;
  }
}
