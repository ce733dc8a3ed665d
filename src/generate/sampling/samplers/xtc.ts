import type { RandomStream } from '../../../base/random.js';
import type { LogitsRow } from '../../../core/types.js';
import type { Sampler } from './sampler.js';

/**
 * XTC, "exclude top choices" (p-e-w 2024; as in llama.cpp): with a probability, removes all tokens that have
 * at least the threshold's probability, but the least likely of them. If at most one reaches it, nothing is
 * removed. Draws a random number for each token.
 */
export class Xtc implements Sampler {
  readonly #probability: number;
  readonly #threshold: number;
  readonly #random: RandomStream;

  constructor(probability: number, threshold: number, random: RandomStream) {
    this.#probability = probability;
    this.#threshold = threshold;
    this.#random = random;
  }

  apply(row: LogitsRow): void {
    if (this.#random.next() >= this.#probability) return;
    const { values } = row;
    const probabilities = row.softmax(1);
    let last: number | undefined;
    const isTop = (id: number) =>
      values[id]! > Number.NEGATIVE_INFINITY && probabilities[id]! >= this.#threshold;
    for (let id = 0; id < values.length; id++) {
      // Of equally likely ones the highest id is last.
      if (isTop(id) && (last === undefined || probabilities[id]! <= probabilities[last]!)) last = id;
    }
    for (let id = 0; id < values.length; id++) {
      if (isTop(id) && id !== last) values[id] = Number.NEGATIVE_INFINITY;
    }
  }
}
