import { RandomStream } from '../../base/random.js';

/**
 * A random permutation of the numbers 0 to count - 1, a function of seed and stream (Fisher and Yates 1938;
 * Durstenfeld 1964). `seed`: an integer from 0 to 2^53 - 1; `stream`: an integer from 0 to 2^32 - 1.
 */
export function permutation(count: number, seed: number, stream: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const random = new RandomStream(seed, stream);
  for (let left = count; left > 1; left--) {
    const chosen = Math.floor(random.next() * left);
    const last = order[left - 1]!;
    order[left - 1] = order[chosen]!;
    order[chosen] = last;
  }
  return order;
}
