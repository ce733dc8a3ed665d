import { power } from '../../base/exact_math.js';
import type { CompletionProcessor } from './completion_processor.js';

/** Larger increases would make no difference, and could overflow. */
const MOST_GROWTH = 1e6;

/**
 * Makes the end of the text more likely with each token after the first `start` ones: adds
 * |logit| * (factor ** tokens - 1) to the logits of the tokens that end it (as in Hugging Face).
 */
export class LengthDecay implements CompletionProcessor {
  readonly #factor: number;
  readonly #endTokens: readonly number[];
  /** How many tokens there are after the first `start` ones. */
  #after: number;

  constructor(start: number, factor: number, endTokens: readonly number[]) {
    this.#factor = factor;
    this.#endTokens = endTokens;
    this.#after = -start;
  }

  apply(logits: Float32Array): void {
    if (this.#after <= 0) return;
    const growth = Math.min(MOST_GROWTH, power(this.#factor, this.#after) - 1);
    for (const token of this.#endTokens) {
      const logit = logits[token]!;
      if (logit > Number.NEGATIVE_INFINITY) logits[token] = logit + Math.abs(logit) * growth;
    }
  }

  push(): void {
    this.#after++;
  }
}
