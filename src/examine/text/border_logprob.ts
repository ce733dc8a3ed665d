import { exp, ln } from '../../base/exact_math.js';
import type { LogitsRow } from '../../core/types.js';

/** Below it, a sum of probabilities in 32 bits has lost digits. */
const LEAST_PRECISE = 1e-20;

/**
 * ln of the probability that the next token is one of `ids` (at least one). Overwrites the latest softmax.
 */
export function logprobOfAny(row: LogitsRow, ids: Int32Array): number {
  const logSumExp = row.logSumExp();
  const probabilities = row.softmax(1);
  let sum = 0;
  for (const id of ids) sum += probabilities[id]!;
  if (sum >= LEAST_PRECISE) return ln(Math.min(1, sum));
  let largest = Number.NEGATIVE_INFINITY;
  for (const id of ids) largest = Math.max(largest, row.values[id]!);
  let shifted = 0;
  for (const id of ids) shifted += exp(row.values[id]! - largest);
  return largest - logSumExp + ln(shifted);
}
