import { RandomStream } from '../../../base/random.js';

/** The rows of each group, in the order in which groups come. */
export function rowsOfGroups(groups: readonly unknown[]): number[][] {
  const rows = new Map<unknown, number[]>();
  groups.forEach((group, row) => {
    const own = rows.get(group);
    if (own === undefined) rows.set(group, [row]);
    else own.push(row);
  });
  return [...rows.values()];
}

/**
 * The fold of each group of rows, 0 to `folds` - 1: at random, with groups whose first rows have the same class in all
 * folds as evenly as can be. The same seed gives the same folds.
 */
export function foldsOf(
  groups: readonly (readonly number[])[],
  classes: readonly number[],
  folds: number,
  seed: number,
): Int32Array {
  const random = new RandomStream(seed, 0);
  const order = groups.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random.next() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  // Class after class, so that each begins in the fold after the last one of the class before.
  const classOf = (group: number) => classes[groups[group]![0]!]!;
  order.sort((a, b) => classOf(a) - classOf(b));
  const found = new Int32Array(groups.length);
  order.forEach((group, place) => {
    found[group] = place % folds;
  });
  return found;
}
