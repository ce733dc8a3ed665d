import type { CompletionProcessor } from './completion_processor.js';
import { NgramIndex } from './ngram_index.js';

/** Bans tokens that would repeat an n-gram of the prompt and the generated text. */
export class NoRepeatNgram implements CompletionProcessor {
  readonly #ngrams: NgramIndex;

  constructor(size: number, prompt: readonly number[]) {
    this.#ngrams = new NgramIndex(size);
    for (const token of prompt) this.push(token);
  }

  apply(logits: Float32Array): void {
    for (const token of this.#ngrams.repeats()) logits[token] = Number.NEGATIVE_INFINITY;
  }

  push(token: number): void {
    this.#ngrams.push(token);
  }
}
