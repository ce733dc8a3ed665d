import type { LogitsRow } from '../core/types.js';

/** How likely one token is to the model, given all tokens before it. */
export interface TokenMeasure {
  /** Natural logarithm of its probability. */
  readonly logprob: number;
  /** 1 for the likeliest token; of equally likely ones the lower id comes first. */
  readonly rank: number;
  /** Entropy of the distribution that the token was drawn from, in nats. */
  readonly entropy: number;
}

/** Measures the token `id` by the logits before it. */
export function measureToken(row: LogitsRow, id: number): TokenMeasure {
  const { values } = row;
  const logit = values[id]!;
  const logSumExp = row.logSumExp();
  const probabilities = row.softmax(1);
  let rank = 1;
  let entropy = 0;
  for (let i = 0; i < values.length; i++) {
    const other = values[i]!;
    if (other > logit || (other === logit && i < id)) rank++;
    const probability = probabilities[i]!;
    if (probability > 0) entropy -= probability * (other - logSumExp);
  }
  return { logprob: logit - logSumExp, rank, entropy };
}
