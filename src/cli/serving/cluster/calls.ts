import { startTimer, stopTimer } from '../../../base/timers.js';

/** Calls to another process: each has a number, which its answer repeats. */
export class Calls<T> {
  readonly #open = new Map<number, (answer: T) => void>();
  #last = 0;

  /** Sends a call. Resolves to its answer, or to `missing` if there is none for so long. */
  make(send: (call: number) => void, ms: number, missing: T): Promise<T> {
    const call = ++this.#last;
    return new Promise((resolve) => {
      const timer = startTimer(() => this.answer(call, missing), ms);
      this.#open.set(call, (answer) => {
        stopTimer(timer);
        resolve(answer);
      });
      send(call);
    });
  }

  answer(call: number, answer: T): void {
    this.#open.get(call)?.(answer);
    this.#open.delete(call);
  }
}
