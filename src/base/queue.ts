/** An item's place in a queue; empty once the item was removed. */
export interface Place<T extends object> {
  item: T | undefined;
}

/**
 * A first-in first-out queue from which any item can be removed. Each call takes constant time on average.
 */
export class Queue<T extends object> {
  #places: Place<T>[] = [];
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The place of the oldest item. */
  get first(): Place<T> | undefined {
    while (this.#first < this.#places.length && !this.#places[this.#first]!.item) this.#first++;
    return this.#places[this.#first];
  }

  add(item: T): Place<T> {
    const place = { item };
    this.#places.push(place);
    this.#size++;
    return place;
  }

  /** Removes the item and returns it; undefined if it was removed before. */
  leave(place: Place<T>): T | undefined {
    const { item } = place;
    if (item === undefined) return undefined;
    place.item = undefined;
    this.#size--;
    if (this.#places.length > 2 * this.#size + 16) {
      this.#places = this.#places.filter(({ item }) => item !== undefined);
      this.#first = 0;
    }
    return item;
  }
}
