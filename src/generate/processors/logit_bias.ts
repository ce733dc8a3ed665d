import type { CompletionProcessor } from './completion_processor.js';

/** Adds a number to the logits of some tokens. */
export class LogitBias implements CompletionProcessor {
  readonly #biases: ReadonlyMap<number, number>;

  constructor(biases: ReadonlyMap<number, number>) {
    this.#biases = biases;
  }

  apply(logits: Float32Array): void {
    for (const [token, bias] of this.#biases) logits[token]! += bias;
  }
}
