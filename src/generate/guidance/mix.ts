import type { LogitsRow } from '../../core/types.js';
import { type Debiasing, selfDebias } from './self_debias.js';

/** V logits, and the factor by which they count. */
export interface WeightedLogits {
  readonly values: Float32Array;
  readonly weight: number;
}

/** The logits that guided ones are mixed from. */
export interface Mixture {
  /** V logits of the model itself. */
  readonly own: Float32Array;
  readonly experts: readonly WeightedLogits[];
  /** V logits after the negative context, and the scale of guidance; undefined without guidance. */
  readonly negative: WeightedLogits | undefined;
  /** Self-debiasing, which is there in place of guidance. */
  readonly debiasing?: Debiasing | undefined;
}

/**
 * Puts the guided logits into a row: with DExperts (Liu et al. 2021) own + sum(weight * expert); then, with
 * guidance (Sanchez et al. 2023), ln p of these and ln q after the negative context give
 * weight * (ln p - ln q) + ln q, which is not normalized, as in transformers; or the logits are debiased.
 *
 * Returns what to subtract for log-probabilities: ln(sum(exp)) of experts' and debiased logits, and 0 with guidance, whose
 * values beams of transformers take as they are.
 */
export function mix(row: Pick<LogitsRow, 'values' | 'logSumExp' | 'softmax'>, mixture: Mixture): number {
  const { values } = row;
  const { own, experts, negative, debiasing } = mixture;
  let negativeSum = 0;
  if (negative !== undefined) {
    values.set(negative.values);
    negativeSum = row.logSumExp();
  }
  for (let id = 0; id < own.length; id++) {
    let logit = own[id]!;
    for (const expert of experts) logit += expert.weight * expert.values[id]!;
    values[id] = logit;
  }
  if (debiasing !== undefined) selfDebias(row, debiasing);
  const sum = row.logSumExp();
  if (negative === undefined) return sum;
  const { values: unwanted, weight } = negative;
  for (let id = 0; id < own.length; id++) {
    const logQ = unwanted[id]! - negativeSum;
    values[id] = weight * (values[id]! - sum - logQ) + logQ;
  }
  return 0;
}
