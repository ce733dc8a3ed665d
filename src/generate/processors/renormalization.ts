import type { CompletionProcessor, LogitsSums } from './completion_processor.js';

/** Turns logits, or log-probabilities that were changed, into log-probabilities that sum to 1. */
export class Renormalization implements CompletionProcessor {
  apply(logits: Float32Array, sums: LogitsSums): void {
    const logSumExp = sums.logSumExp();
    // All tokens are banned.
    if (logSumExp === Number.NEGATIVE_INFINITY) return;
    for (let id = 0; id < logits.length; id++) logits[id]! -= logSumExp;
  }
}
