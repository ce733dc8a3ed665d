import { exp, ln } from '../../base/exact_math.js';

/** Moments of one model's ln p of the next token, if another model draws it. */
export interface Expectation {
  /** Sum of p' ln p: minus the cross entropy, in nats. */
  readonly mean: number;
  /** Variance of ln p, in square nats. */
  readonly variance: number;
}

/**
 * Moments of ln p under p', of two rows of V logits each: `logits` gives p, `weights` gives p'. Uses exact
 * operations alone, so that the bits are the same everywhere.
 */
export function expectationOf(logits: Float32Array, weights: Float32Array): Expectation {
  const largest = largestOf(logits);
  const heaviest = largestOf(weights);
  let [sum, total, first, second] = [0, 0, 0, 0];
  for (let id = 0; id < logits.length; id++) {
    const d = logits[id]! - largest;
    const weight = exp(weights[id]! - heaviest);
    sum += exp(d);
    // A token that cannot be drawn adds nothing, not even if its ln p is -Infinity.
    if (weight === 0) continue;
    total += weight;
    first += weight * d;
    second += weight * d * d;
  }
  const mean = first / total;
  return { mean: mean - ln(sum), variance: Math.max(0, second / total - mean * mean) };
}

function largestOf(row: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < row.length; id++) if (row[id]! > largest) largest = row[id]!;
  return largest;
}
