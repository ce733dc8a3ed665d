import type { Cancellation } from './cancellation.js';
import { Turns } from './turns.js';

/** Runs one piece of work at a time, in the order of the calls. */
export class Mutex {
  readonly #turns = new Turns(Infinity);

  /**
   * Waits until all earlier work has ended, then runs `work`. Resolves to false, without running it, if the
   * signal fires first. Throws what `work` throws.
   */
  run<R>(work: () => Promise<R>): Promise<R>;
  run<R>(work: () => Promise<R>, signal: Cancellation | undefined): Promise<R | false>;
  async run<R>(work: () => Promise<R>, signal?: Cancellation): Promise<R | false> {
    const turn = await this.#turns.take(signal);
    if (turn === undefined) return false;
    try {
      return await work();
    } finally {
      turn.end();
    }
  }
}
