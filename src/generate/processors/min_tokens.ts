import type { CompletionProcessor } from './completion_processor.js';

/** Bans the tokens that end a text until enough tokens were generated. */
export class MinTokens implements CompletionProcessor {
  #missing: number;
  readonly #endTokens: readonly number[];

  constructor(minTokens: number, endTokens: readonly number[]) {
    this.#missing = minTokens;
    this.#endTokens = endTokens;
  }

  apply(logits: Float32Array): void {
    if (this.#missing <= 0) return;
    for (const token of this.#endTokens) logits[token] = Number.NEGATIVE_INFINITY;
  }

  push(): void {
    this.#missing--;
  }
}
