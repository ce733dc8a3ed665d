/** Items in order. An item's place may change only while it is not in the list; no two are equal in order. */
export class SortedList<T> implements Iterable<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The item at an index; undefined outside of the list. */
  at(index: number): T | undefined {
    return this.#items[index];
  }

  /** Index of the first item for which `isBefore` is false; all items before it must give true. */
  search(isBefore: (item: T) => boolean): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#items[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  indexOf(item: T): number {
    return this.search((other) => this.#compare(other, item) < 0);
  }

  add(item: T): void {
    const { length } = this.#items;
    const isLast = length === 0 || this.#compare(this.#items[length - 1]!, item) < 0;
    this.#items.splice(isLast ? length : this.indexOf(item), 0, item);
  }

  /** Returns false if the item is not in the list. */
  delete(item: T): boolean {
    const index = this.indexOf(item);
    if (this.#items[index] !== item) return false;
    this.#items.splice(index, 1);
    return true;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
