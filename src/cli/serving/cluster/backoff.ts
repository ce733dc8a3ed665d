const FIRST_MS = 250;
const MOST_MS = 30_000;
/** A process that lived for so long is no part of a row of failures. */
const STABLE_MS = 60_000;

/** Delays before a process is started again: they double while it keeps dying. */
export class Backoff {
  #ms = 0;

  /** Milliseconds to wait after the process has lived for so long. */
  next(livedMs: number): number {
    this.#ms = livedMs >= STABLE_MS ? FIRST_MS : Math.min(MOST_MS, Math.max(FIRST_MS, 2 * this.#ms));
    return this.#ms;
  }
}
