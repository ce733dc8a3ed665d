import * as assert from 'uvu/assert';
import type { TrainCore } from '../../src/core/training/train_core.js';
import { randomSource } from './random.js';
import { norm } from './training.js';

/** The slope of a function at 0, from central differences. */
function slopeOf(f: (by: number) => number, step = 1e-5): number {
  return (f(step) - f(-step)) / (2 * step);
}

/** The gradients of a core, by the names of the parameters. */
export const gradientsOf = (core: TrainCore) =>
  new Map(core.parameters.map((parameter) => [parameter.name, core.read('gradients', parameter)]));

/** The largest magnitude of all gradients. */
export const largestOf = (gradients: Iterable<Float32Array>) =>
  Math.max(...Array.from(gradients, (values) => values.reduce((most, g) => Math.max(most, Math.abs(g)), 0)));

/**
 * Checks a gradient along a random direction of +1 and -1 against the slope of the loss in double precision.
 * Gradients that are 0 but for rounding are compared with `largest`, that of all.
 */
export function checkSlope(
  name: string,
  gradient: Float32Array,
  largest: number,
  seed: number,
  lossAt: (direction: Float64Array, by: number) => number,
): void {
  const random = randomSource(seed);
  const direction = Float64Array.from(gradient, () => (random.below(2) ? 1 : -1));
  const slope = slopeOf((by) => lossAt(direction, by));
  const along = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
  const error = Math.abs(along - slope) / (norm(gradient) + 0.01 * largest);
  assert.ok(error < 1e-3, `${name}: ${along}, not ${slope}`);
}
