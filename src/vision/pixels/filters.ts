import { sinPi } from '../../base/exact_math.js';

/** A resampling filter: weights of samples by their distance from the centre. */
export interface Filter {
  /** Samples at this distance and beyond have no weight. */
  readonly support: number;
  weight(distance: number): number;
}

/** sin(pi x) / (pi x) */
const sinc = (x: number) => (x === 0 ? 1 : sinPi(x) / (x * Math.PI));

/** Pillow has these two numbers in 32 bits. */
const HAMMING_MEAN = Math.fround(0.54);
const HAMMING_WAVE = Math.fround(0.46);

/** Pillow's filters by their numbers, as `resample` names them; 0 is the nearest pixel, without a filter. */
export const FILTERS: Readonly<Record<number, Filter>> = {
  // Lanczos
  1: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  // bilinear
  2: { support: 1, weight: (x) => (Math.abs(x) < 1 ? 1 - Math.abs(x) : 0) },
  // bicubic, a = -0.5
  3: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  // box
  4: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  // Hamming
  5: { support: 1, weight: (x) => hamming(Math.abs(x)) },
};

function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

function hamming(x: number): number {
  return x < 1 ? sinc(x) * (HAMMING_MEAN + HAMMING_WAVE * sinPi(0.5 - x)) : 0;
}
