import { exp } from '../../base/exact_math.js';
import { threeDigits } from '../../base/human_bytes.js';

/** A probability for people, such as `12.5 %`. */
export function percent(logprob: number): string {
  return percentOf(exp(logprob));
}

/** As `percent`, of the probability itself. */
export function percentOf(probability: number): string {
  const share = 100 * probability;
  return share < 0.01 ? '< 0.01 %' : `${threeDigits(share)} %`;
}
