import { RequestError } from './request_error.js';

/** Gives one caller at a time a turn, in the order of their requests. */
export class Queue {
  #busy = false;
  #mostWaiting;
  #waiting = [];

  constructor(mostWaiting) {
    this.#mostWaiting = mostWaiting;
  }

  /** Waits for a turn and resolves to the function that ends it. Rejects if too many wait, or if `signal` fires. */
  enter(signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (!this.#busy) {
        this.#busy = true;
        resolve(() => this.#next());
        return;
      }
      if (this.#waiting.length >= this.#mostWaiting) {
        throw new RequestError(503, `${this.#waiting.length} requests are waiting; try again later`);
      }
      const begin = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(() => this.#next());
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp);
      this.#waiting.push(begin);
    });
  }

  #next() {
    const begin = this.#waiting.shift();
    if (begin === undefined) this.#busy = false;
    else begin();
  }
}
