import type { BiasedSequence } from '../options.js';
import type { CompletionProcessor } from './completion_processor.js';

/**
 * Adds numbers to the logits of tokens that would complete one of some sequences in the prompt and the
 * generated text; those of several completed sequences add up, as in Hugging Face.
 */
export class SequenceBias implements CompletionProcessor {
  readonly #sequences: readonly BiasedSequence[];
  /** The latest tokens, as many as a sequence can need. */
  readonly #tail: number[];
  readonly #longest: number;

  constructor(sequences: readonly BiasedSequence[], prompt: readonly number[]) {
    this.#sequences = sequences;
    this.#longest = sequences.reduce((most, { tokens }) => Math.max(most, tokens.length - 1), 0);
    this.#tail = this.#longest > 0 ? prompt.slice(-this.#longest) : [];
  }

  apply(logits: Float32Array): void {
    for (const { tokens, bias } of this.#sequences) {
      if (this.#precedes(tokens)) logits[tokens.at(-1)!]! += bias;
    }
  }

  push(token: number): void {
    this.#tail.push(token);
    if (this.#tail.length > this.#longest) this.#tail.shift();
  }

  /** Whether the text ends with all tokens but the last. */
  #precedes(tokens: readonly number[]): boolean {
    const start = this.#tail.length - (tokens.length - 1);
    if (start < 0) return false;
    for (let i = 0; i < tokens.length - 1; i++) if (this.#tail[start + i] !== tokens[i]) return false;
    return true;
  }
}
