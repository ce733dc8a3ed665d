/** Limits how often something is shown. Times are milliseconds. */
export class Interval {
  readonly #length: number;
  readonly #now: () => number;
  #last: number;

  /** The first time is due after one interval, or at once with `isDueNow`. */
  constructor(length: number, now: () => number, isDueNow = false) {
    this.#length = length;
    this.#now = now;
    this.#last = isDueNow ? Number.NEGATIVE_INFINITY : now();
  }

  /** Whether an interval has passed since this last gave true. */
  isDue(): boolean {
    const time = this.#now();
    if (time - this.#last < this.#length) return false;
    this.#last = time;
    return true;
  }
}
