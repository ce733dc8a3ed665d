import { invalidOption } from '../base/check_options.js';

/** How matrices are kept: in f32, or with 8-bit or 4-bit weights, 32 to a scale. Vectors, positions and attention are f32. */
export const WEIGHT_FORMATS = ['f32', 'q8', 'q4'] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

/** Throws `invalid-option` for what names no format. */
export function checkWeights(weights: unknown): void {
  if (weights !== undefined && !WEIGHT_FORMATS.includes(weights as WeightFormat)) {
    throw invalidOption('weights', weights, "'f32', 'q8' or 'q4'");
  }
}
