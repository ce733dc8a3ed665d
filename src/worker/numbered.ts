import { Gpt2Error } from '../base/errors.js';

/** Objects in the worker, by the numbers that their owner gave them. */
export class Numbered<T> {
  readonly #items = new Map<number, T>();
  readonly #missing: string;

  /** `missing`: the message of the error if there is no such object. */
  constructor(missing: string) {
    this.#missing = missing;
  }

  /** Throws `disposed` if there is no such object. */
  get(number: number): T {
    const item = this.#items.get(number);
    if (item === undefined) throw new Gpt2Error('disposed', this.#missing);
    return item;
  }

  find(number: number): T | undefined {
    return this.#items.get(number);
  }

  set(number: number, item: T): void {
    this.#items.set(number, item);
  }

  /** Removes an object and returns it, if there is one. */
  remove(number: number): T | undefined {
    const item = this.#items.get(number);
    this.#items.delete(number);
    return item;
  }
}
