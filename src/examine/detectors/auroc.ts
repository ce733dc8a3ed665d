import { partitionPoint } from '../../base/partition_point.js';

/**
 * Area under the receiver operating characteristic: the probability that one of `positives` is higher than one
 * of `negatives`, equal ones counting half. Both have at least one number.
 */
export function auroc(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  const sorted = Float64Array.from(negatives).sort();
  let wins = 0;
  for (let i = 0; i < positives.length; i++) {
    // Twice the lower ones, and equal ones once.
    wins += countBelow(sorted, positives[i]!, false) + countBelow(sorted, positives[i]!, true);
  }
  return wins / (2 * positives.length * negatives.length);
}

/** How many of sorted numbers are below a limit, or also equal to it. */
export function countBelow(sorted: ArrayLike<number>, limit: number, orEqual: boolean): number {
  const isBelow = (value: number) => value < limit || (orEqual && value === limit);
  return partitionPoint(0, sorted.length, (index) => isBelow(sorted[index]!));
}
