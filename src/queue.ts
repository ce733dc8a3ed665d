/** An item's place in a queue. */
export interface Place<T> {
  readonly item: T;
  left: boolean;
}

/** Items in the order in which they came, which may leave from anywhere. Each call takes constant time on average. */
export class Queue<T> {
  #places: Place<T>[] = [];
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first of those that are there. */
  get first(): Place<T> | undefined {
    while (this.#places[this.#first]?.left) this.#first++;
    return this.#places[this.#first];
  }

  add(item: T): Place<T> {
    const place = { item, left: false };
    this.#places.push(place);
    this.#size++;
    return place;
  }

  /** False if it has left before. */
  leave(place: Place<T>): boolean {
    if (place.left) return false;
    place.left = true;
    this.#size--;
    if (this.#places.length > 2 * this.#size + 16) {
      this.#places = this.#places.filter(({ left }) => !left);
      this.#first = 0;
    }
    return true;
  }
}
