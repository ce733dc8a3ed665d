import { exp, ln } from './exact_math.js';

/** The logistic function 1 / (1 + e ** -x). */
export function sigmoid(x: number): number {
  return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

/** -ln sigmoid(x), to full precision for any x. */
export function logisticLoss(x: number): number {
  const small = exp(-Math.abs(x));
  const sum = 1 + small;
  // ln(1 + small), whose sum has lost digits of small (Higham 2002, problem 1.5).
  const rest = sum === 1 ? small : (ln(sum) * small) / (sum - 1);
  return Math.max(0, -x) + rest;
}
