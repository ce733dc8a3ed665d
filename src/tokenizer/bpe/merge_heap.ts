import { type MergeTable, NO_MERGE } from './merge_table.js';

/** Upper bound of positions within a piece; rank * POSITIONS + position is exact in a double. */
export const POSITIONS = 2 ** 32;

/**
 * Merges ids[0, count) in place, the lowest rank first and of equal ranks the leftmost, and returns the
 * number of ids that remain. In O(n log n), with a heap of candidate pairs over a linked list of tokens: for
 * pieces too long to scan.
 */
export function mergeLong(
  ids: Int32Array,
  count: number,
  merges: Pick<MergeTable, 'rank' | 'result'>,
): number {
  // A token stays at the index of its first byte; -1 ends the list on both sides.
  const next = new Int32Array(count);
  const previous = new Int32Array(count);
  // The rank of the pair that begins at an index. A heap entry with another rank is outdated.
  const ranks = new Int32Array(count).fill(NO_MERGE);
  const heap = new MinHeap(2 * count);
  for (let i = 0; i < count; i++) {
    next[i] = i + 1 < count ? i + 1 : -1;
    previous[i] = i - 1;
  }
  const rankPair = (left: number) => {
    const right = next[left]!;
    const rank = right === -1 ? NO_MERGE : merges.rank(ids[left]!, ids[right]!);
    ranks[left] = rank;
    if (rank !== NO_MERGE) heap.push(rank * POSITIONS + left);
  };
  for (let i = 0; i < count; i++) rankPair(i);

  while (heap.size > 0) {
    const key = heap.pop();
    const rank = Math.floor(key / POSITIONS);
    const left = key - rank * POSITIONS;
    if (ranks[left] !== rank) continue;
    const right = next[left]!;
    const after = next[right]!;
    ids[left] = merges.result(rank);
    ranks[right] = NO_MERGE;
    next[left] = after;
    if (after !== -1) previous[after] = left;
    rankPair(left);
    if (previous[left] !== -1) rankPair(previous[left]!);
  }

  let kept = 0;
  for (let i = 0; i !== -1; i = next[i]!) ids[kept++] = ids[i]!;
  return kept;
}

/** A binary heap of numbers with a fixed capacity. */
export class MinHeap {
  size = 0;
  readonly #keys: Float64Array;

  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity);
  }

  push(key: number): void {
    const keys = this.#keys;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      at = parent;
    }
    keys[at] = key;
  }

  pop(): number {
    const keys = this.#keys;
    const top = keys[0]!;
    const key = keys[--this.size]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      keys[at] = keys[child]!;
      at = child;
    }
    keys[at] = key;
    return top;
  }
}
