import { RandomStream } from '../../../base/random.js';

/**
 * The fold of each item, 0 to `folds` - 1: at random, with items of a class in all folds as evenly as can be. The same
 * seed gives the same folds.
 */
export function foldsOf(classes: readonly number[], folds: number, seed: number): Int32Array {
  const random = new RandomStream(seed, 0);
  const order = classes.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random.next() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  // Class after class, so that each begins in the fold after the last one of the class before.
  order.sort((a, b) => classes[a]! - classes[b]!);
  const found = new Int32Array(classes.length);
  order.forEach((item, place) => {
    found[item] = place % folds;
  });
  return found;
}
