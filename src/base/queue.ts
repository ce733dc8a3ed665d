/** An item's place in a queue; it is empty once the item has left. */
export interface Place<T extends object> {
  item: T | undefined;
}

/** Items in the order in which they came, which may leave from anywhere. Each call takes constant time on average. */
export class Queue<T extends object> {
  #places: Place<T>[] = [];
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first of those that are there. */
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

  /** Takes the item out; undefined if it has left before. */
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
