/**
 * First index from `start` to `end` for which `isBefore` is false; `end` if there is none. It must be true for all indices
 * before that one, and false for all after it.
 */
export function partitionPoint(start: number, end: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
