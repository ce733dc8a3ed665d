import { exp } from './exact_math.js';

/** Below this, three terms of the series are exact to double precision. */
const SMALL = 2 ** -8;

/**
 * The hyperbolic tangent by + - * / alone, as `exp` of exact_math.ts, to 13 digits: `Math.tanh` differs between engines.
 */
export function tanh(x: number): number {
  const square = x * x;
  if (square < SMALL * SMALL) return x * (1 - square * (1 / 3 - square * (2 / 15 - (square * 17) / 315)));
  const small = exp(-2 * Math.abs(x));
  const value = (1 - small) / (1 + small);
  return x < 0 ? -value : value;
}
