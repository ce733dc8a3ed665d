import type { CompletionProcessor } from './completion_processor.js';
import { SuffixMatches } from './suffix_matches.js';

/**
 * Bans tokens that would repeat an n-gram of the prompt, as Hugging Face's `encoder_no_repeat_ngram_size`
 * does with a decoder alone.
 */
export class PromptNgrams implements CompletionProcessor {
  readonly #size: number;
  readonly #source: readonly number[];
  readonly #matches: SuffixMatches;

  /**
   * `size`: n; `source`: the tokens whose n-grams are not repeated; `text`: those before the first new token.
   */
  constructor(size: number, source: readonly number[], text: readonly number[]) {
    this.#size = size;
    this.#source = source;
    this.#matches = new SuffixMatches(source, text);
  }

  apply(logits: Float32Array): void {
    const { lengths } = this.#matches;
    for (const [position, token] of this.#source.entries()) {
      if ((lengths[position - 1] ?? 0) >= this.#size - 1) logits[token] = Number.NEGATIVE_INFINITY;
    }
  }

  push(token: number): void {
    this.#matches.push(this.#source, token);
  }
}
