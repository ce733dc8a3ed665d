import { ln, power } from '../../../base/exact_math.js';
import type { LogitsRow } from '../../../core/types.js';
import { distributionOf } from './distribution.js';
import type { Sampler } from './sampler.js';
import { divide } from './temperature.js';

/**
 * Dynamic temperature (as in llama.cpp): from temperature - range (at least 0), where the model is certain,
 * to temperature + range, where all tokens are equally likely. Between them it grows with (entropy / largest
 * possible entropy) ** exponent.
 */
export class DynamicTemperature implements Sampler {
  readonly #least: number;
  readonly #most: number;
  readonly #exponent: number;

  constructor(temperature: number, range: number, exponent: number) {
    this.#least = Math.max(0, temperature - range);
    this.#most = temperature + range;
    this.#exponent = exponent;
  }

  apply(row: LogitsRow): void {
    const { values } = row;
    let count = 0;
    for (let id = 0; id < values.length; id++) if (values[id]! > Number.NEGATIVE_INFINITY) count++;
    if (count < 2) return;
    const share = Math.min(1, Math.max(0, distributionOf(row).entropy / ln(count)));
    divide(values, this.#least + (this.#most - this.#least) * power(share, this.#exponent));
  }
}
