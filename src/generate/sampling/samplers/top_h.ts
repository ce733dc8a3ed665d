import { ln } from '../../../base/exact_math.js';
import type { LogitsRow } from '../../../core/types.js';
import { Ranking } from '../ranking.js';
import { keepRanks } from './remove.js';
import type { Sampler } from './sampler.js';

/** Most tokens that are considered, as in Hugging Face's implementation. */
const MOST_TOKENS = 100;

/**
 * Top-H (Baghaei Potraghloo et al. 2025): of the 100 most likely tokens, keeps as many as together give at
 * most this share of their entropy; at least one.
 */
export class TopH implements Sampler {
  readonly #share: number;

  constructor(share: number) {
    this.#share = share;
  }

  apply(row: LogitsRow): void {
    const count = Math.min(MOST_TOKENS, row.values.length);
    const probabilities = row.softmax(1);
    const ranking = new Ranking(row, probabilities, count);
    const { end, total } = ranking.prefix({ count, mass: Number.POSITIVE_INFINITY, least: 0 });
    const terms = Array.from({ length: end }, (_, rank) => {
      const probability = ranking.probability(rank) / total;
      return -probability * ln(probability);
    });
    const most = this.#share * terms.reduce((sum, term) => sum + term, 0);
    let kept = 0;
    for (let sum = 0; kept < end; kept++) {
      sum += terms[kept]!;
      if (kept > 0 && sum > most) break;
    }
    keepRanks(row, probabilities, ranking, 0, kept);
  }
}
