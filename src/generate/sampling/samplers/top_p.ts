import type { LogitsRow } from '../../../core/types.js';
import { Ranking } from '../ranking.js';
import { keepRanks } from './remove.js';
import type { Sampler } from './sampler.js';

/**
 * Nucleus sampling (Holtzman et al. 2019): keeps the fewest most likely tokens whose probabilities sum to
 * `mass`, at least one.
 */
export class TopP implements Sampler {
  readonly #mass: number;

  constructor(mass: number) {
    this.#mass = mass;
  }

  apply(row: LogitsRow): void {
    const { length } = row.values;
    const probabilities = row.softmax(1);
    const ranking = new Ranking(row, probabilities, length);
    const { end } = ranking.prefix({ count: length, mass: this.#mass, least: 0 });
    keepRanks(row, probabilities, ranking, 0, end);
  }
}
