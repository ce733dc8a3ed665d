import type { VocabularyTries } from '../../../tokenizer/vocabulary_trie.js';
import type { Expression } from '../expressions/expression.js';
import { TokenMask } from './token_mask.js';
import { TrieMasks } from './trie_masks.js';

/** Bytes of masks that are kept; then all are forgotten. */
const MOST_BYTES = 16 * 2 ** 20;

/** The tokens that may come next in each state of an automaton: those whose bytes have a way from it. */
export class TokenMasks {
  readonly #tries: VocabularyTries;
  readonly #size: number;
  #masks = new Map<Expression, TokenMask>();
  #parts: readonly TrieMasks[] = [];

  /** `size`: one more than the highest id of a token. */
  constructor(tries: VocabularyTries, size: number) {
    this.#tries = tries;
    this.#size = size;
    this.#forget();
  }

  /** The tokens that may come next. The mask is shared, and must not be changed. */
  of(state: Expression): TokenMask {
    let mask = this.#masks.get(state);
    if (mask === undefined) {
      mask = new TokenMask(this.#size);
      if (this.#byteLength > MOST_BYTES) this.#forget();
      for (const part of this.#parts) part.collect(state, 0, mask);
      this.#masks.set(state, mask);
    }
    return mask;
  }

  get #byteLength(): number {
    return this.#parts.reduce((sum, part) => sum + part.byteLength, (this.#masks.size * this.#size) / 8);
  }

  #forget(): void {
    this.#masks = new Map();
    this.#parts = [this.#tries.short, this.#tries.long].map((trie) => new TrieMasks(trie, this.#size));
  }
}
