/** The latest contexts of a text, at most `size`. */
export class ContextHistory {
  readonly #size: number;
  /** Where contexts were added last, oldest first. */
  readonly #places: Map<string, number>;
  #added: number;

  constructor(size: number, places: ReadonlyMap<string, number> = new Map(), added = 0) {
    this.#size = size;
    this.#places = new Map(places);
    this.#added = added;
  }

  has(context: readonly number[]): boolean {
    return this.#places.has(context.join());
  }

  add(context: readonly number[]): void {
    const name = context.join();
    // Removed first, so that it comes last.
    this.#places.delete(name);
    this.#places.set(name, this.#added++);
    for (const [oldest, place] of this.#places) {
      if (place >= this.#added - this.#size) break;
      this.#places.delete(oldest);
    }
  }

  fork(): ContextHistory {
    return new ContextHistory(this.#size, this.#places, this.#added);
  }
}
