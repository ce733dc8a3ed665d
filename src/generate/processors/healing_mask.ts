import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { allowOnly } from './allow_only.js';
import type { CompletionProcessor } from './completion_processor.js';

/**
 * Makes a completion begin with `rest`: allows only tokens that write a part of it, or all of it and more.
 */
export class HealingMask implements CompletionProcessor {
  readonly #rest: Uint8Array;
  readonly #tokenizer: Tokenizer;
  /** The allowed tokens by position in `rest`; none if `rest` cannot be written to its end from there. */
  readonly #allowed = new Map<number, readonly number[]>();
  #written = 0;

  constructor(rest: Uint8Array, tokenizer: Tokenizer) {
    this.#rest = rest;
    this.#tokenizer = tokenizer;
  }

  apply(logits: Float32Array): void {
    if (this.#written >= this.#rest.length) return;
    allowOnly(this.#allowedAt(this.#written), logits);
  }

  push(id: number): void {
    if (this.#written < this.#rest.length) this.#written += this.#tokenizer.tokenBytes(id).length;
  }

  #allowedAt(position: number): readonly number[] {
    let allowed = this.#allowed.get(position);
    if (allowed === undefined) {
      allowed = this.#tokenizer.tokensAlong(this.#rest.subarray(position)).filter((id) => {
        const next = position + this.#tokenizer.tokenBytes(id).length;
        return next >= this.#rest.length || this.#allowedAt(next).length > 0;
      });
      this.#allowed.set(position, allowed);
    }
    return allowed;
  }
}
