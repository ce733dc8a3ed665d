import { exp, ln } from '../../base/exact_math.js';
import type { LogitsSums } from '../processors/completion_processor.js';

/** Sums over logits that are not in the core's memory, in double precision. */
export class PlainSums implements LogitsSums {
  readonly #values: Float32Array;
  #probabilities = new Float32Array(0);

  constructor(values: Float32Array) {
    this.#values = values;
  }

  logSumExp(): number {
    const largest = this.#largest();
    if (largest === Number.NEGATIVE_INFINITY) return largest;
    let sum = 0;
    for (const value of this.#values) sum += exp(value - largest);
    return largest + ln(sum);
  }

  softmax(temperature: number): Float32Array {
    const values = this.#values;
    if (this.#probabilities.length === 0) this.#probabilities = new Float32Array(values.length);
    const largest = this.#largest();
    const exps = Array.from(values, (value) => exp((value - largest) / temperature));
    const sum = exps.reduce((total, each) => total + each, 0);
    for (let id = 0; id < values.length; id++) this.#probabilities[id] = exps[id]! / sum;
    return this.#probabilities;
  }

  #largest(): number {
    let largest = Number.NEGATIVE_INFINITY;
    for (const value of this.#values) if (value > largest) largest = value;
    return largest;
  }
}
