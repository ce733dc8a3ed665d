import { type Cancellation, onAbort } from './cancellation.js';
import type { Gpt2Error } from './errors.js';
import { type Place, Queue } from './queue.js';
import { now, startTimer, stopTimer } from './timers.js';

/** The items that `Leases` lends; `Use` is what an item is used for. */
export interface Supply<T, Use> {
  /** An item; undefined if all are lent. Throws if waiting would not help. */
  take(use: Use): T | undefined;
  giveBack(item: T, use: Use): void;
}

/** A supply of a single item. */
export class SingleSupply implements Supply<true, 'turn'> {
  #lent = false;

  take(): true | undefined {
    if (this.#lent) return undefined;
    this.#lent = true;
    return true;
  }

  giveBack(): void {
    this.#lent = false;
  }
}

/** An item that a caller holds until `end`, or, after `rest`, until another caller needs it. */
export interface Lease<T> {
  readonly item: T;
  /** From now on other callers may take the item, since this one may never use it again. */
  rest(): void;
  /** Whether the caller still holds the item, which then no longer rests. */
  resume(): boolean;
  /** Gives the item back. Further calls do nothing. */
  end(): void;
}

interface Waiter<T, Use> {
  readonly use: Use;
  readonly signal: Cancellation | undefined;
  readonly resolve: (lease: Lease<T> | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly unlisten: () => void;
}

/** The state of a lease; `restingSince` is set while it rests. */
interface Entry<T, Use> {
  readonly item: T;
  readonly use: Use;
  readonly signal: Cancellation | undefined;
  restingSince?: number | undefined;
  ended: boolean;
}

/**
 * Lends scarce items to callers, who wait for them. Callers with the same use are served in the order of
 * their calls, and uses that are listed first before others. If a caller waits, a lease that has rested for
 * `restMs`, or whose signal is aborted, is ended for that caller.
 */
export class Leases<T, Use> {
  readonly #supply: Supply<T, Use>;
  readonly #restMs: number;
  readonly #waiting: ReadonlyMap<Use, Queue<Waiter<T, Use>>>;
  /** Resting leases, in the order in which they began to rest. */
  readonly #resting = new Set<Entry<T, Use>>();
  #timer: unknown;
  #closed: Gpt2Error | undefined;

  constructor(supply: Supply<T, Use>, uses: readonly Use[], restMs: number) {
    this.#supply = supply;
    this.#restMs = restMs;
    this.#waiting = new Map(uses.map((use) => [use, new Queue()]));
  }

  /**
   * Waits for an item; undefined if the signal fires first. Throws the errors of the supply and of `close`.
   */
  take(use: Use, signal?: Cancellation): Promise<Lease<T> | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      if (signal?.aborted) {
        resolve(undefined);
        return;
      }
      const line = this.#waiting.get(use)!;
      const unlisten = onAbort(signal, () => this.#leave(line, place)?.resolve(undefined));
      const place: Place<Waiter<T, Use>> = line.add({ use, signal, resolve, reject, unlisten });
      if (line.size === 1) this.#serve();
    });
  }

  /**
   * An item without waiting, if necessary one that rests; undefined if there is none, or if others wait for
   * one.
   */
  takeNow(use: Use): Lease<T> | undefined {
    if (this.#closed) throw this.#closed;
    if (this.#waiting.get(use)!.size > 0) return undefined;
    for (;;) {
      const item = this.#supply.take(use);
      if (item !== undefined) return this.#lend(item, use, undefined);
      const [longest] = this.#resting;
      if (longest === undefined) return undefined;
      this.#end(longest);
    }
  }

  /** Lets all waiting and later calls throw `reason`. */
  close(reason: Gpt2Error): void {
    this.#closed = reason;
    for (const line of this.#waiting.values()) {
      while (line.first) this.#leave(line, line.first)?.reject(reason);
    }
    this.#watch();
  }

  #lend(item: T, use: Use, signal: Cancellation | undefined): Lease<T> {
    const entry: Entry<T, Use> = { item, use, signal, ended: false };
    return {
      item,
      rest: () => {
        if (entry.ended || entry.restingSince !== undefined) return;
        entry.restingSince = now();
        this.#resting.add(entry);
        this.#watch();
      },
      resume: () => {
        entry.restingSince = undefined;
        this.#resting.delete(entry);
        return !entry.ended;
      },
      end: () => {
        if (entry.ended) return;
        this.#end(entry);
        this.#serve();
      },
    };
  }

  #end(entry: Entry<T, Use>): void {
    entry.ended = true;
    this.#resting.delete(entry);
    this.#supply.giveBack(entry.item, entry.use);
  }

  #serve(): void {
    for (const line of this.#waiting.values()) {
      while (line.first && this.#give(line, line.first));
    }
    this.#watch();
  }

  /** Serves a waiter if possible. Returns whether it no longer waits. */
  #give(line: Queue<Waiter<T, Use>>, place: Place<Waiter<T, Use>>): boolean {
    const { use, signal, resolve, reject } = place.item!;
    try {
      for (;;) {
        const item = this.#supply.take(use);
        if (item !== undefined) {
          this.#leave(line, place);
          resolve(this.#lend(item, use, signal));
          return true;
        }
        const given = [...this.#resting].find((entry) => this.#restLeft(entry) <= 0);
        if (given === undefined) return false;
        this.#end(given);
      }
    } catch (error) {
      this.#leave(line, place);
      reject(error);
      return true;
    }
  }

  /** Removes a waiter from its queue; undefined if it was removed before. */
  #leave(line: Queue<Waiter<T, Use>>, place: Place<Waiter<T, Use>>): Waiter<T, Use> | undefined {
    const waiter = line.leave(place);
    waiter?.unlisten();
    return waiter;
  }

  /** Milliseconds until a resting lease may be ended for another caller. */
  #restLeft({ restingSince, signal }: Entry<T, Use>): number {
    return signal?.aborted ? 0 : restingSince! + this.#restMs - now();
  }

  /** While callers wait, starts the timer for the first resting lease that may be ended. */
  #watch(): void {
    const waits = [...this.#waiting.values()].some((line) => line.size > 0);
    if (!waits || this.#resting.size === 0) {
      if (this.#timer !== undefined) stopTimer(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) {
      const left = Math.min(...[...this.#resting].map((entry) => this.#restLeft(entry)));
      this.#timer = startTimer(
        () => {
          this.#timer = undefined;
          this.#serve();
        },
        Math.max(0, left),
      );
    }
  }
}
