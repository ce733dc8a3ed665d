import type { LogitsRow } from '../../core/types.js';
import { ProbabilityBuckets } from './probability_buckets.js';
import { sortByProbability } from './radix_sort.js';
import type { PrefixLimits, RankingPrefix } from './ranking_prefix.js';

/** Numbers of most likely tokens to request from the core: first 64, then 512. */
const PARTIAL_RANKINGS = [64, 512];

/**
 * The `length` most likely tokens in order of probability, equal ones by lower id. There are three ways to
 * this ranking; each call takes the first one that reaches far enough, so that a vocabulary is sorted only if
 * nothing else helps:
 *
 * 1. `LogitsRow.topK` of the core: the first 64 and then 512 entries, which nearly always hold a nucleus. A
 *    token then takes 0.07 to 0.1 ms with 50,257 ids, most of it for the exponentials.
 * 2. `ProbabilityBuckets`, for prefixes and draws that reach farther: whole buckets of nearly equal
 *    probabilities are taken by their sums, and only the bucket in which the prefix or the draw ends is
 *    sorted. 0.4 to 0.5 ms.
 * 3. `sortByProbability`, for single ranks beyond the first 512, which only rare samplers need: all ids,
 *    sorted. 1 to 2 ms.
 */
export class Ranking {
  readonly length: number;
  readonly #row: LogitsRow;
  readonly #probabilities: Float32Array;
  /** The sorted ids, as many as were needed so far. */
  #ids: Int32Array = new Int32Array(0);
  /** How many of PARTIAL_RANKINGS were asked for. */
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

  /** The longest prefix within the limits, without entries of probability 0. */
  prefix(limits: PrefixLimits): RankingPrefix {
    const { count, mass, least } = limits;
    let total = 0;
    for (let rank = 0; rank < count; rank++) {
      if (!this.#reaches(rank)) return this.#allBuckets.prefix(limits);
      const probability = this.#probabilities[this.#ids[rank]!]!;
      if (probability === 0 || probability < least || (total >= mass && rank > 0))
        return { end: rank, total };
      total += probability;
    }
    return { end: count, total };
  }

  /** The id at which the running sum of probabilities first exceeds `mass`, among the first `end` entries. */
  idAtMass(mass: number, end: number): number | undefined {
    let left = mass;
    for (let rank = 0; rank < end; rank++) {
      if (!this.#reaches(rank)) return this.#allBuckets.idAtMass(mass, end);
      left -= this.#probabilities[this.#ids[rank]!]!;
      if (left < 0) return this.#ids[rank]!;
    }
    return undefined;
  }

  /** Whether the sorted ids include this rank, if necessary after asking the core for more. */
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
