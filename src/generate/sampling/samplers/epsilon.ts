import type { LogitsRow } from '../../../core/types.js';
import { removeBelow } from './remove.js';
import type { Sampler } from './sampler.js';

/** Epsilon sampling (Hewitt et al. 2022): removes tokens whose probability is below a cutoff. */
export class Epsilon implements Sampler {
  readonly #cutoff: number;

  constructor(cutoff: number) {
    this.#cutoff = cutoff;
  }

  apply(row: LogitsRow): void {
    removeBelow(row, row.softmax(1), this.#cutoff);
  }
}
