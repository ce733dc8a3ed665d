import { BUCKETS } from '../../../assembly/abi.js';
import type { LogitsRow } from '../../core/types.js';
import { bitsOf, radixSort } from './radix_sort.js';
import type { PrefixLimits, RankingPrefix } from './ranking_prefix.js';

/** Floats that differ only in their lowest 16 bits share a bucket: 128 buckets for each power of two. */
const LOW_BITS = 16;

/**
 * Probabilities in buckets of nearly equal ones, each with its sum: the second way down a ranking (see
 * `Ranking`). A bucket's sum is that of its doubles in the order of the ids, the same in every engine.
 */
export class ProbabilityBuckets {
  readonly #bits: Uint32Array;
  readonly #probabilities: Float32Array;
  readonly #counts: Int32Array;
  readonly #sums: Float64Array;
  /** The bucket whose ids are in `#ids`, sorted. */
  #sorted = -1;
  #ids: Int32Array = new Int32Array(0);

  /** `probabilities`: the latest softmax of the row. */
  constructor(row: LogitsRow, probabilities: Float32Array) {
    this.#probabilities = probabilities;
    this.#bits = bitsOf(probabilities);
    const { sums, counts } = row.bucketSums();
    this.#sums = sums;
    this.#counts = counts;
  }

  /** As `Ranking.prefix`. */
  prefix({ count, mass, least }: PrefixLimits): RankingPrefix {
    // All entries of the buckets above this one are larger than `least`, and none is 0.
    const lowest = bucketOf(least);
    let end = 0;
    let total = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      const size = this.#counts[bucket]!;
      if (size === 0) continue;
      const sum = this.#sums[bucket]!;
      if (bucket > lowest && end + size <= count && total + sum < mass) {
        end += size;
        total += sum;
        continue;
      }
      for (const id of this.#sortedIds(bucket)) {
        const probability = this.#probabilities[id]!;
        const isRefused = probability === 0 || probability < least || (total >= mass && end > 0);
        if (end === count || isRefused) return { end, total };
        total += probability;
        end++;
      }
    }
    return { end, total };
  }

  /** As `Ranking.idAtMass`. */
  idAtMass(mass: number, end: number): number | undefined {
    let left = mass;
    let rank = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      const size = this.#counts[bucket]!;
      if (size === 0) continue;
      if (rank + size <= end && left >= this.#sums[bucket]!) {
        left -= this.#sums[bucket]!;
        rank += size;
        continue;
      }
      for (const id of this.#sortedIds(bucket)) {
        if (rank++ === end) return undefined;
        left -= this.#probabilities[id]!;
        if (left < 0) return id;
      }
    }
    return undefined;
  }

  /** The ids of a bucket, most probable first, equal ones by lower id. */
  #sortedIds(bucket: number): Int32Array {
    if (bucket === this.#sorted) return this.#ids;
    const ids = new Int32Array(this.#counts[bucket]!);
    const bits = this.#bits;
    for (let id = 0, found = 0; found < ids.length; id++) {
      if (bits[id]! >>> LOW_BITS === bucket) ids[found++] = id;
    }
    this.#sorted = bucket;
    this.#ids = radixSort(ids, bits, [0, 8], 8);
    return this.#ids;
  }
}

/** The bucket of a number; 0 is the lowest, which also holds zeros. */
function bucketOf(value: number): number {
  return bitsOf(Float32Array.of(value))[0]! >>> LOW_BITS;
}
