import type { CompletionProcessor } from './completion_processor.js';

/**
 * Divides positive and multiplies negative logits of each token that is in the prompt or was generated, once
 * per token (CTRL, Keskar et al. 2019; as in Hugging Face).
 */
export class RepetitionPenalty implements CompletionProcessor {
  readonly #penalty: number;
  readonly #seen: Set<number>;

  constructor(penalty: number, prompt: readonly number[]) {
    this.#penalty = penalty;
    this.#seen = new Set(prompt);
  }

  apply(logits: Float32Array): void {
    for (const token of this.#seen) {
      const logit = logits[token]!;
      logits[token] = logit < 0 ? logit * this.#penalty : logit / this.#penalty;
    }
  }

  push(token: number): void {
    this.#seen.add(token);
  }
}
