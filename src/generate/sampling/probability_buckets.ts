import { BUCKETS } from '../../core/logits_row_sizes.js';
import type { LogitsRow } from '../../core/types.js';
import { bitsOf, radixSort } from './radix_sort.js';
import type { Walked, WalkLimits } from './ranking_prefix.js';

/** A bucket holds the floats with the same bits above these: 128 buckets for each power of two. */
const LOW_BITS = 16;

/**
 * Probabilities in buckets of nearly equal ones, each with its sum. A walk down the ranking takes whole
 * buckets and sorts only the one in which it ends: far less work than sorting a vocabulary. Sums are of
 * doubles, bucket by bucket, in the order of the ids: the same in every engine.
 */
export class ProbabilityBuckets {
  readonly #bits: Uint32Array;
  readonly #probabilities: Float32Array;
  readonly #counts: Int32Array;
  readonly #sums: Float64Array;
  /** The bucket whose ids are sorted. */
  #opened = -1;
  #ids: Int32Array = new Int32Array(0);

  /** `probabilities`: the latest softmax of the row. */
  constructor(row: LogitsRow, probabilities: Float32Array) {
    this.#probabilities = probabilities;
    this.#bits = bitsOf(probabilities);
    const { sums, counts } = row.bucketSums();
    this.#sums = sums;
    this.#counts = counts;
  }

  /** As `Ranking.walk`. */
  walk({ count, mass, least }: WalkLimits): Walked {
    // Down to this bucket no number needs to be looked at: all are larger than `least`, and none is 0.
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
      for (const id of this.#open(bucket)) {
        const probability = this.#probabilities[id]!;
        const isRefused = probability === 0 || probability < least || (total >= mass && end > 0);
        if (end === count || isRefused) return { end, total };
        total += probability;
        end++;
      }
    }
    return { end, total };
  }

  /** As `Ranking.idPassing`. */
  idPassing(mass: number, end: number): number | undefined {
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
      for (const id of this.#open(bucket)) {
        if (rank++ === end) return undefined;
        left -= this.#probabilities[id]!;
        if (left < 0) return id;
      }
    }
    return undefined;
  }

  /** The ids of a bucket, most probable first, equal ones by lower id. */
  #open(bucket: number): Int32Array {
    if (bucket === this.#opened) return this.#ids;
    const ids = new Int32Array(this.#counts[bucket]!);
    const bits = this.#bits;
    for (let id = 0, found = 0; found < ids.length; id++) {
      if (bits[id]! >>> LOW_BITS === bucket) ids[found++] = id;
    }
    this.#opened = bucket;
    this.#ids = radixSort(ids, bits, [0, 8], 8);
    return this.#ids;
  }
}

/** The bucket that a number is in; 0 for the lowest, in which zeros are too. */
function bucketOf(value: number): number {
  return bitsOf(Float32Array.of(value))[0]! >>> LOW_BITS;
}
