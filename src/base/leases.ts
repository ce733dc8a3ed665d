import { type Cancellation, onAbort } from './cancellation.js';
import type { Gpt2Error } from './errors.js';
import { type Place, Queue } from './queue.js';
import { now, startTimer, stopTimer } from './timers.js';

/** Items that are lent out; `Use` says what for. */
export interface Supply<T, Use> {
  /** An item, or undefined if all are lent. Throws if waiting would not help. */
  take(use: Use): T | undefined;
  giveBack(item: T, use: Use): void;
}

/** A supply of one. */
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

/** An item that a caller has until `end`, or, after `rest`, until another caller needs it. */
export interface Lease<T> {
  readonly item: T;
  /** The caller may not come back: others may take the item from now on. */
  rest(): void;
  /** Whether the item is still the caller's; it then rests no longer. */
  resume(): boolean;
  /** Gives the item back; may be called again. */
  end(): void;
}

interface Waiter<T, Use> {
  readonly use: Use;
  readonly signal: Cancellation | undefined;
  readonly resolve: (lease: Lease<T> | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly unlisten: () => void;
}

/** Where a lease is in its life: `restingSince` is set while it rests. */
interface Entry<T, Use> {
  readonly item: T;
  readonly use: Use;
  readonly signal: Cancellation | undefined;
  restingSince?: number | undefined;
  ended: boolean;
}

/**
 * Lends out what there is too little of for all at once. Those of one use are served in the order in which they came;
 * uses that are listed first are served first. If somebody waits, a lease that has rested for `restMs`, or whose signal
 * is aborted, is ended for them.
 */
export class Leases<T, Use> {
  readonly #supply: Supply<T, Use>;
  readonly #restMs: number;
  readonly #waiting: ReadonlyMap<Use, Queue<Waiter<T, Use>>>;
  /** Longest rest first. */
  readonly #resting = new Set<Entry<T, Use>>();
  #timer: unknown;
  #closed: Gpt2Error | undefined;

  constructor(supply: Supply<T, Use>, uses: readonly Use[], restMs: number) {
    this.#supply = supply;
    this.#restMs = restMs;
    this.#waiting = new Map(uses.map((use) => [use, new Queue()]));
  }

  /** Waits for an item; undefined if the signal fires first. Throws what the supply and `close` say. */
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

  /** An item without waiting, also one that rests; undefined if there is none or others wait for it. */
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

  /** Every waiting and later call throws `reason`. */
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

  /** Whether the waiter need not wait any longer. */
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

  /** Takes a waiter out of its line; undefined if it was out already. */
  #leave(line: Queue<Waiter<T, Use>>, place: Place<Waiter<T, Use>>): Waiter<T, Use> | undefined {
    const waiter = line.leave(place);
    waiter?.unlisten();
    return waiter;
  }

  /** Milliseconds until a resting lease may be ended for another caller. */
  #restLeft({ restingSince, signal }: Entry<T, Use>): number {
    return signal?.aborted ? 0 : restingSince! + this.#restMs - now();
  }

  /** Looks again when the first resting lease may be ended, as long as somebody waits. */
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
