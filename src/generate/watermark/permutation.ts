import { MersenneTwister } from './mersenne_twister.js';

/**
 * The first `count` numbers of a random permutation of 0 to n - 1: those of PyTorch's `randperm` on a CPU with the same
 * seed, of which 32 bits count.
 */
export function permuted(seed: number, n: number, count: number): Int32Array {
  const random = new MersenneTwister(seed);
  const numbers = new Int32Array(n);
  for (let i = 1; i < n; i++) numbers[i] = i;
  for (let i = 0; i < Math.min(count, n - 1); i++) {
    const other = i + (random.next() % (n - i));
    const number = numbers[i]!;
    numbers[i] = numbers[other]!;
    numbers[other] = number;
  }
  return numbers.subarray(0, count);
}

/** Whether `permuted` has `number`. */
export function isPermuted(seed: number, n: number, count: number, number: number): boolean {
  const random = new MersenneTwister(seed);
  // Where the number is, as others change places around it.
  let place = number;
  for (let i = 0; i < Math.min(count, n - 1); i++) {
    const other = i + (random.next() % (n - i));
    if (place === other) return true;
    if (place === i) place = other;
  }
  return place < count;
}
