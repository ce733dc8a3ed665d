import { exp, LN2, ln, power } from '../../../base/exact_math.js';
import type { LogitsRow } from '../../../core/types.js';
import { Ranking } from '../ranking.js';
import { keepRanks } from './remove.js';
import type { Sampler } from './sampler.js';
import { SurpriseTarget } from './surprise_target.js';

/** Most tokens from which the exponent of Zipf's law is estimated, as in llama.cpp. */
const MOST_TOKENS = 100;

/**
 * Mirostat (Basu et al. 2021; as in llama.cpp): top-k whose k keeps the surprise of drawn tokens near a
 * target. k is computed from Zipf's law, whose exponent is estimated from the most likely tokens.
 */
export class Mirostat implements Sampler {
  readonly #surprise: SurpriseTarget;

  constructor(tau: number, eta: number) {
    this.#surprise = new SurpriseTarget(tau, eta);
  }

  apply(row: LogitsRow): void {
    const { length } = row.values;
    const probabilities = row.softmax(1);
    const ranking = new Ranking(row, probabilities, length);
    const possible = ranking.prefix({ count: length, mass: Number.POSITIVE_INFINITY, least: 0 }).end;
    const k = this.#k(zipfExponent(ranking, possible), length);
    keepRanks(row, probabilities, ranking, 0, k >= 1 ? Math.min(Math.floor(k), possible) : 1);
  }

  drawn(probability: number): void {
    this.#surprise.correct(probability);
  }

  /** May be infinite, or NaN if there is one token or the exponent is 1. */
  #k(exponent: number, V: number): number {
    const epsilon = exponent - 1;
    const scale = epsilon / (1 - power(V, -epsilon));
    return power(scale * exp(this.#surprise.most * LN2), 1 / exponent);
  }
}

/** The s for which the probability at rank i is nearly proportional to (i + 1) ** -s. */
function zipfExponent(ranking: Ranking, possible: number): number {
  let [products, squares] = [0, 0];
  for (let rank = 0; rank + 1 < Math.min(MOST_TOKENS, possible); rank++) {
    const t = ln((rank + 2) / (rank + 1));
    products += t * ln(ranking.probability(rank) / ranking.probability(rank + 1));
    squares += t * t;
  }
  return products / squares;
}
