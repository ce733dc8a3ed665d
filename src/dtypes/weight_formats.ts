import { invalidOption } from '../base/check_options.js';

/**
 * How matrices are kept in memory: 32-bit floats, or 8 or 4 bits with a scale for every 32 weights. Vectors, positions and
 * attention are f32 in any case.
 */
export type WeightFormat = 'f32' | 'q8' | 'q4';

export const WEIGHT_FORMATS: readonly WeightFormat[] = ['f32', 'q8', 'q4'];

/** Throws `invalid-option` for what names no format. */
export function checkWeights(weights: unknown): void {
  if (weights !== undefined && !WEIGHT_FORMATS.includes(weights as WeightFormat)) {
    throw invalidOption('weights', weights, "'f32', 'q8' or 'q4'");
  }
}
