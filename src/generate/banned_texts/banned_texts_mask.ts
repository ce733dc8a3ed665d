import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import type { TokenBans } from './token_bans.js';

/**
 * Subtracted from the logits of tokens that end with a whole banned word, which makes them 64 times less likely: ln 64.
 * Models mean such a word to end there; forced to make a longer one of it, they write none that exists.
 */
const HALF_WORD = 4.1588830833596715;

/** Where a completion begins. */
export interface CompletionStart {
  /** The state after the prompt. */
  readonly state: number;
  /** Bytes at the end of the prompt that the completion writes again. */
  readonly healed: number;
  /** Most tokens of the completion; may be infinite. */
  readonly most: number;
}

/** Bans tokens with which a completion would have a banned text, at once or however it goes on. */
export class BannedTextsMask implements CompletionProcessor {
  readonly #bans: TokenBans;
  readonly #tokenizer: Tokenizer;
  #state: number;
  #healed: number;
  /** How many tokens may follow the next one. */
  #left: number;

  constructor(bans: TokenBans, tokenizer: Tokenizer, { state, healed, most }: CompletionStart) {
    this.#bans = bans;
    this.#tokenizer = tokenizer;
    this.#state = state;
    this.#healed = healed;
    this.#left = most - 1;
  }

  apply(logits: Float32Array): void {
    if (this.#healed > 0) {
      this.#applyHealing(logits);
      return;
    }
    const { banned, halves } = this.#bans.after(this.#state, this.#left);
    for (let i = 0; i < halves.length; i++) logits[halves[i]!]! -= HALF_WORD;
    for (const list of banned) {
      for (let i = 0; i < list.length; i++) logits[list[i]!] = Number.NEGATIVE_INFINITY;
    }
  }

  push(id: number): void {
    this.#left--;
    if (this.#bans.isEnd(id)) return;
    const bytes = this.#tokenizer.tokenBytes(id);
    this.#state = this.#bans.stateAfter(this.#state, bytes.subarray(this.#healed));
    this.#healed = Math.max(0, this.#healed - bytes.length);
  }

  /** Of the few tokens that write the end of the prompt again, only what goes beyond it counts. */
  #applyHealing(logits: Float32Array): void {
    for (let id = 0; id < logits.length; id++) {
      if (logits[id] === Number.NEGATIVE_INFINITY) continue;
      const more = this.#tokenizer.tokenBytes(id).subarray(this.#healed);
      if (!this.#bans.mayFollow(this.#state, more, this.#left)) logits[id] = Number.NEGATIVE_INFINITY;
    }
  }
}
