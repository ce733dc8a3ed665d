import { type Cancellation, onAbort } from './cancellation.js';
import type { Gpt2Error } from './errors.js';
import { type Place, Queue } from './queue.js';
import { now, startTimer, stopTimer } from './timers.js';

/** A turn that a caller holds until `end`, or, after `rest`, until another caller needs it. */
export interface Turn {
  /** From now on another caller may take the turn, since this one may never use it again. */
  rest(): void;
  /** Whether the caller still holds the turn, which then no longer rests. */
  resume(): boolean;
  /** Ends the turn. Further calls do nothing. */
  end(): void;
}

interface Waiter {
  readonly signal: Cancellation | undefined;
  readonly resolve: (turn: Turn | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly unlisten: () => void;
}

/** Who has the turn; `restingSince` is set while it rests. */
interface Holder {
  readonly signal: Cancellation | undefined;
  restingSince?: number | undefined;
}

/**
 * Turns that callers take one at a time, in the order of their calls. If a caller waits, a turn that has
 * rested for `restMs`, or whose signal is aborted, is ended for that caller.
 */
export class Turns {
  readonly #restMs: number;
  readonly #waiting = new Queue<Waiter>();
  #holder: Holder | undefined;
  #timer: unknown;
  #closed: Gpt2Error | undefined;

  constructor(restMs: number) {
    this.#restMs = restMs;
  }

  /** Waits for a turn; undefined if the signal fires first. Throws the error of `close`. */
  take(signal?: Cancellation): Promise<Turn | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      if (signal?.aborted) {
        resolve(undefined);
        return;
      }
      const unlisten = onAbort(signal, () => this.#leave(place)?.resolve(undefined));
      const place: Place<Waiter> = this.#waiting.add({ signal, resolve, reject, unlisten });
      this.#serve();
    });
  }

  /** A turn without waiting, if necessary one that rests; undefined if there is none, or if others wait. */
  takeNow(): Turn | undefined {
    if (this.#closed) throw this.#closed;
    const isTaken = this.#holder !== undefined && this.#holder.restingSince === undefined;
    return isTaken || this.#waiting.size > 0 ? undefined : this.#give(undefined);
  }

  /** Lets all waiting and later calls throw `reason`. */
  close(reason: Gpt2Error): void {
    this.#closed = reason;
    while (this.#waiting.first) this.#leave(this.#waiting.first)?.reject(reason);
    this.#watch();
  }

  #give(signal: Cancellation | undefined): Turn {
    const holder: Holder = { signal };
    this.#holder = holder;
    return {
      rest: () => {
        if (this.#holder !== holder) return;
        holder.restingSince ??= now();
        this.#serve();
      },
      resume: () => {
        holder.restingSince = undefined;
        return this.#holder === holder;
      },
      end: () => {
        if (this.#holder !== holder) return;
        this.#holder = undefined;
        this.#serve();
      },
    };
  }

  /** Gives the turn to the first waiter if it is free. */
  #serve(): void {
    const { first } = this.#waiting;
    if (first && this.#restLeft() <= 0) {
      const waiter = this.#leave(first)!;
      waiter.resolve(this.#give(waiter.signal));
    }
    this.#watch();
  }

  /** Removes a waiter from the queue; undefined if it was removed before. */
  #leave(place: Place<Waiter>): Waiter | undefined {
    const waiter = this.#waiting.leave(place);
    waiter?.unlisten();
    return waiter;
  }

  /** Milliseconds until the turn may be given to another caller. */
  #restLeft(): number {
    if (this.#holder === undefined) return 0;
    const { restingSince, signal } = this.#holder;
    if (restingSince === undefined) return Infinity;
    return signal?.aborted ? 0 : restingSince + this.#restMs - now();
  }

  /** While a caller waits for a turn that rests, runs the timer after which it may have it. */
  #watch(): void {
    if (this.#timer !== undefined) stopTimer(this.#timer);
    this.#timer = undefined;
    const left = this.#waiting.size > 0 ? this.#restLeft() : Infinity;
    if (left === Infinity) return;
    this.#timer = startTimer(() => this.#serve(), Math.max(0, left));
  }
}
