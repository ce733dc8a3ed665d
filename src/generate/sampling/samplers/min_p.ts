import type { LogitsRow } from '../../../core/types.js';
import { removeBelow } from './remove.js';
import type { Sampler } from './sampler.js';

/** Keeps tokens that are at least `ratio` times as likely as the most likely one (Nguyen et al. 2024). */
export class MinP implements Sampler {
  readonly #ratio: number;

  constructor(ratio: number) {
    this.#ratio = ratio;
  }

  apply(row: LogitsRow): void {
    const probabilities = row.softmax(1);
    removeBelow(row, probabilities, this.#ratio * probabilities[row.argmax()]!);
  }
}
