import { exp } from '../../base/exact_math.js';
import { sigmoid } from '../../base/logistic.js';

/** The logistic function of each number. */
export const sigmoids = (logits: ArrayLike<number>): number[] =>
  Array.from(logits, (logit) => sigmoid(logit));

/** exp(x) / sum(exp(x)), in double precision. */
export function softmaxOf(logits: ArrayLike<number>): number[] {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) most = Math.max(most, logits[i]!);
  const powers = Array.from(logits, (logit) => exp(logit - most));
  let sum = 0;
  for (const power of powers) sum += power;
  return powers.map((power) => power / sum);
}

/** Index of the largest number; of equal ones the first. */
export function largest(numbers: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! > numbers[best]!) best = i;
  return best;
}
