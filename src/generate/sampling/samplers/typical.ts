import type { LogitsRow } from '../../../core/types.js';
import { Ranking } from '../ranking.js';
import { distributionOf } from './distribution.js';
import { keepRanks } from './remove.js';
import type { Sampler } from './sampler.js';

/**
 * Locally typical sampling (Meister et al. 2022): keeps the tokens whose surprise -ln p is nearest to the
 * entropy of the distribution, until they hold `mass` of the probability; of equally near ones all. In the
 * ranking they are one window, which grows in both directions from the rank at which the surprise passes the
 * entropy.
 */
export class Typical implements Sampler {
  readonly #mass: number;

  constructor(mass: number) {
    this.#mass = mass;
  }

  apply(row: LogitsRow): void {
    const { values } = row;
    const { probabilities, logSumExp, entropy } = distributionOf(row);
    const ranking = new Ranking(row, probabilities, values.length);
    const isPossible = (rank: number) => rank < values.length && ranking.probability(rank) > 0;
    const surprise = (rank: number) => logSumExp - values[ranking.id(rank)]!;
    const distance = (rank: number) => Math.abs(surprise(rank) - entropy);

    let end = 0;
    while (isPossible(end) && surprise(end) < entropy) end++;
    let start = end;
    let total = 0;
    let farthest = 0;
    for (;;) {
      const above = start > 0 ? distance(start - 1) : Number.POSITIVE_INFINITY;
      const below = isPossible(end) ? distance(end) : Number.POSITIVE_INFINITY;
      const nearest = Math.min(above, below);
      if (nearest === Number.POSITIVE_INFINITY || (total >= this.#mass && nearest > farthest)) break;
      farthest = nearest;
      total += ranking.probability(above <= below ? --start : end++);
    }
    keepRanks(row, probabilities, ranking, start, end);
  }
}
