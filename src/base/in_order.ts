import { anySignal, type Cancellation } from './cancellation.js';

/** How items are worked on. */
export interface Work<T, R> {
  /** The size of an item, in any unit. */
  size(item: T): number;
  /** Work on the next item begins while the sizes of those under way are together below this. */
  readonly most: number;
  readonly signal: Cancellation | undefined;
  /** `signal` fires if the caller's does, if an item fails, or if nobody reads the results any more. */
  run(item: T, index: number, signal: Cancellation): Promise<R>;
}

/** The result of an item, once there is one. */
class Started<R> {
  readonly size: number;
  readonly result: Promise<R>;
  isSettled = false;
  /** Never rejects. */
  readonly settled: Promise<void>;

  constructor(size: number, result: Promise<R>) {
    this.size = size;
    this.result = result;
    const settle = () => {
      this.isSettled = true;
    };
    this.settled = result.then(settle, settle);
  }
}

/**
 * The results for items, in their order and as soon as they are there; work on several is under way at the
 * same time. Throws the error of the first item that fails, and that of `items` after the results before it.
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  { size, most, signal, run }: Work<T, R>,
): AsyncGenerator<R, void> {
  const left = new AbortController();
  const both = anySignal(signal, left.signal);
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Started<R>[] = [];
  let total = 0;
  let index = 0;
  let end: { readonly error?: unknown } | undefined;
  const startNext = async () => {
    try {
      const { done, value } = await iterator.next();
      if (done) {
        end = {};
        return;
      }
      underWay.push(new Started(size(value), run(value, index++, both)));
      total += underWay.at(-1)!.size;
    } catch (error) {
      end = { error };
    }
  };
  let starting: Promise<void> | undefined;
  try {
    for (;;) {
      if (end === undefined && total < most) {
        starting ??= startNext().then(() => {
          starting = undefined;
        });
      }
      const [oldest] = underWay;
      const waits = [starting, oldest?.settled].filter((wait) => wait !== undefined);
      if (waits.length === 0) break;
      await Promise.race(waits);
      if (!oldest?.isSettled) continue;
      underWay.shift();
      total -= oldest.size;
      yield await oldest.result;
    }
    if (end && 'error' in end) throw end.error;
  } finally {
    left.abort();
    // Its next item may never come.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
