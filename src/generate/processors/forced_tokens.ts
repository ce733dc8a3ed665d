import type { CompletionProcessor } from './completion_processor.js';

/** Allows only some tokens at one position of the completion, all equally likely. */
export class ForcedTokens implements CompletionProcessor {
  readonly #tokens: readonly number[];
  #missing: number;

  /** `position`: 0 is the first token of the completion. */
  constructor(tokens: readonly number[], position: number) {
    this.#tokens = tokens;
    this.#missing = position;
  }

  apply(logits: Float32Array): void {
    if (this.#missing !== 0) return;
    logits.fill(Number.NEGATIVE_INFINITY);
    for (const token of this.#tokens) logits[token] = 0;
  }

  push(): void {
    this.#missing--;
  }
}
