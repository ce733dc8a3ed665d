import { BannedTokens } from './banned_tokens.js';
import type { CompletionProcessor } from './completion_processor.js';

/** Bans tokens at one position of the completion. */
export class BeginBans implements CompletionProcessor {
  readonly #bans: BannedTokens;
  #missing: number;

  /** `position`: 0 is the first token of the completion. */
  constructor(tokens: readonly number[], position: number) {
    this.#bans = new BannedTokens(tokens);
    this.#missing = position;
  }

  apply(logits: Float32Array): void {
    if (this.#missing === 0) this.#bans.apply(logits);
  }

  push(): void {
    this.#missing--;
  }
}
