import { LN2, ln } from '../../../base/exact_math.js';

/** Mirostat's feedback: moves the largest allowed surprise so that drawn tokens have a target on average. */
export class SurpriseTarget {
  /** The largest allowed surprise, in bits. */
  most: number;
  readonly #target: number;
  readonly #rate: number;

  /** `target`: bits ("tau"); `rate`: the share of an error that is corrected at once ("eta"). */
  constructor(target: number, rate: number) {
    this.most = 2 * target;
    this.#target = target;
    this.#rate = rate;
  }

  /** Receives the probability of a drawn token. */
  correct(probability: number): void {
    this.most -= this.#rate * (-ln(probability) / LN2 - this.#target);
  }
}
