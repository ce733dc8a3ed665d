import type { CompletionProcessor } from './completion_processor.js';

/** Bans the same tokens at each position. */
export class BannedTokens implements CompletionProcessor {
  readonly #tokens: readonly number[];

  constructor(tokens: readonly number[]) {
    this.#tokens = tokens;
  }

  apply(logits: Float32Array): void {
    for (const token of this.#tokens) logits[token] = Number.NEGATIVE_INFINITY;
  }
}
