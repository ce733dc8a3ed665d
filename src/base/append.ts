/** Adds items to the end of a list; `push(...items)` throws a RangeError for more than about 120,000. */
export function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
