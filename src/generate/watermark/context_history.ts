/** The latest contexts of a text, at most `size`. */
export class ContextHistory {
  readonly #size: number;
  /** Where each context was added last. */
  readonly #places: Map<string, number>;
  #added: number;

  constructor(size: number, places: ReadonlyMap<string, number> = new Map(), added = 0) {
    this.#size = size;
    this.#places = new Map(places);
    this.#added = added;
  }

  has(context: readonly number[]): boolean {
    const place = this.#places.get(context.join());
    return place !== undefined && place >= this.#added - this.#size;
  }

  add(context: readonly number[]): void {
    this.#places.set(context.join(), this.#added++);
  }

  fork(): ContextHistory {
    return new ContextHistory(this.#size, this.#places, this.#added);
  }
}
