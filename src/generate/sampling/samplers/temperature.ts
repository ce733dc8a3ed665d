import type { LogitsRow } from '../../../core/types.js';
import { LEAST_TEMPERATURE } from '../sampler.js';
import type { Sampler } from './sampler.js';

/** Divides the logits by a temperature, 0 or more; 0 acts as the smallest possible one. */
export class Temperature implements Sampler {
  readonly #temperature: number;

  constructor(temperature: number) {
    this.#temperature = temperature;
  }

  apply({ values }: LogitsRow): void {
    divide(values, this.#temperature);
  }
}

export function divide(values: Float32Array, temperature: number): void {
  const divisor = Math.max(temperature, LEAST_TEMPERATURE);
  for (let id = 0; id < values.length; id++) values[id] = values[id]! / divisor;
}
