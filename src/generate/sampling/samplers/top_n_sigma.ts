import type { LogitsRow } from '../../../core/types.js';
import type { Sampler } from './sampler.js';

/**
 * Top-n-sigma (Tang et al. 2024): keeps tokens whose logits are at most n standard deviations below the
 * largest one. The temperature does not change which.
 */
export class TopNSigma implements Sampler {
  readonly #n: number;

  constructor(n: number) {
    this.#n = n;
  }

  apply(row: LogitsRow): void {
    const { values } = row;
    const largest = values[row.argmax()]!;
    let [count, sum, squares] = [0, 0, 0];
    for (let id = 0; id < values.length; id++) {
      if (values[id]! === Number.NEGATIVE_INFINITY) continue;
      count++;
      sum += values[id]!;
    }
    const mean = sum / count;
    for (let id = 0; id < values.length; id++) {
      if (values[id]! > Number.NEGATIVE_INFINITY) squares += (values[id]! - mean) * (values[id]! - mean);
    }
    const least = largest - this.#n * Math.sqrt(squares / count);
    for (let id = 0; id < values.length; id++) {
      if (values[id]! < least) values[id] = Number.NEGATIVE_INFINITY;
    }
  }
}
