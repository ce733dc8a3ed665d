import { exp } from '../../../base/exact_math.js';
import type { LogitsRow } from '../../../core/types.js';
import { distributionOf } from './distribution.js';
import { removeBelow } from './remove.js';
import type { Sampler } from './sampler.js';

/**
 * Eta sampling (Hewitt et al. 2022): removes tokens whose probability is below
 * min(cutoff, sqrt(cutoff) * e ** -entropy).
 */
export class Eta implements Sampler {
  readonly #cutoff: number;

  constructor(cutoff: number) {
    this.#cutoff = cutoff;
  }

  apply(row: LogitsRow): void {
    const { probabilities, entropy } = distributionOf(row);
    removeBelow(row, probabilities, Math.min(this.#cutoff, Math.sqrt(this.#cutoff) * exp(-entropy)));
  }
}
