import type { CompletionProcessor } from './completion_processor.js';

/**
 * OpenAI's frequency and presence penalties: subtracts count * frequency + presence from the logit of each
 * token that was generated. The prompt does not count.
 */
export class CountPenalties implements CompletionProcessor {
  readonly #frequency: number;
  readonly #presence: number;
  readonly #counts = new Map<number, number>();

  constructor(frequency: number, presence: number) {
    this.#frequency = frequency;
    this.#presence = presence;
  }

  apply(logits: Float32Array): void {
    for (const [token, count] of this.#counts) logits[token]! -= count * this.#frequency + this.#presence;
  }

  push(token: number): void {
    this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
  }
}
