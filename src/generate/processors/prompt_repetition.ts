import type { CompletionProcessor } from './completion_processor.js';
import { RepetitionPenalty } from './repetition_penalty.js';

/**
 * Multiplies positive and divides negative logits of each token of the prompt, as Hugging Face's
 * `encoder_repetition_penalty` does with a decoder alone: above 1 the prompt's tokens become more likely.
 */
export class PromptRepetition implements CompletionProcessor {
  readonly #inverse: RepetitionPenalty;

  constructor(penalty: number, prompt: readonly number[]) {
    this.#inverse = new RepetitionPenalty(1 / penalty, prompt);
  }

  apply(logits: Float32Array): void {
    this.#inverse.apply(logits);
  }
}
