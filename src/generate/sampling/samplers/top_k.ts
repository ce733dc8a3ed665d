import type { LogitsRow } from '../../../core/types.js';
import { Ranking } from '../ranking.js';
import { keepRanks } from './remove.js';
import type { Sampler } from './sampler.js';

/** Keeps the k most likely tokens, of equally likely ones the lower ids (Fan et al. 2018). */
export class TopK implements Sampler {
  readonly #k: number;

  constructor(k: number) {
    this.#k = k;
  }

  apply(row: LogitsRow): void {
    if (this.#k >= row.values.length) return;
    const probabilities = row.softmax(1);
    keepRanks(row, probabilities, new Ranking(row, probabilities, this.#k), 0, this.#k);
  }
}
