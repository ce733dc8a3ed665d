import type { LogitsRow } from '../../../core/types.js';

/** softmax(values) [V], in the row's buffer, and its entropy in nats. */
export interface Distribution {
  readonly probabilities: Float32Array;
  readonly logSumExp: number;
  readonly entropy: number;
}

export function distributionOf(row: LogitsRow): Distribution {
  const { values } = row;
  const logSumExp = row.logSumExp();
  const probabilities = row.softmax(1);
  let entropy = 0;
  for (let id = 0; id < values.length; id++) {
    const logit = values[id]!;
    if (logit > Number.NEGATIVE_INFINITY) entropy += probabilities[id]! * (logSumExp - logit);
  }
  return { probabilities, logSumExp, entropy };
}
