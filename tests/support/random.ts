import { mix } from './mix.js';

/** Reproducible random input for property tests, independent of the package's own generator. */
export function randomSource(seed: number) {
  let state = seed;
  const uniform = () => {
    state = mix(state, 12345);
    return state / 2 ** 32;
  };
  return {
    uniform,
    /** An integer from 0 to below - 1. */
    below: (below: number) => Math.floor(uniform() * below),
    pick: <T>(items: readonly T[]): T => items[Math.floor(uniform() * items.length)]!,
  };
}
