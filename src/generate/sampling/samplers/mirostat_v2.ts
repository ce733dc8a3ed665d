import { exp, LN2 } from '../../../base/exact_math.js';
import type { LogitsRow } from '../../../core/types.js';
import { removeBelow } from './remove.js';
import type { Sampler } from './sampler.js';
import { SurpriseTarget } from './surprise_target.js';

/**
 * Mirostat 2 (Basu et al. 2021; as in llama.cpp): removes tokens whose surprise -log2 p exceeds a limit,
 * which keeps the surprise of drawn tokens near a target.
 */
export class MirostatV2 implements Sampler {
  readonly #surprise: SurpriseTarget;

  constructor(tau: number, eta: number) {
    this.#surprise = new SurpriseTarget(tau, eta);
  }

  apply(row: LogitsRow): void {
    removeBelow(row, row.softmax(1), exp(-this.#surprise.most * LN2));
  }

  drawn(probability: number): void {
    this.#surprise.correct(probability);
  }
}
