import { onAbort } from './cancellation.js';
import { aborted, throwIfAborted } from './errors.js';
import { Slices } from './slices.js';

/** Units of work that an item counts as. */
const ITEM = 100;

/**
 * The items of an iterable that may wait, or go on, for ever: other tasks run between many items, and the signal ends the wait
 * for the next one. `doing` names the work. Throws `aborted`.
 */
export async function* abortable<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
  doing: string,
): AsyncGenerator<T, void> {
  throwIfAborted(signal, doing);
  const slices = new Slices(signal, doing);
  const iterator = itemsOf(items);
  let leave = (_: unknown) => {};
  // One listener for all items: callbacks of Promise.race would stay until the end.
  const unlisten = onAbort(signal, () => leave(aborted(signal, doing)));
  let isDone = false;
  try {
    for (;;) {
      if (slices.add(ITEM)) await slices.pause();
      const next = await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        leave = reject;
        iterator.next().then(resolve, reject);
      });
      isDone = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    unlisten();
    // If the signal has ended the wait, the iterator may never answer, so that its end is not waited for.
    const end = isDone ? undefined : iterator.return();
    if (signal?.aborted) end?.catch(() => {});
    else await end;
  }
}

/** A generator, since an iterator that somebody wrote may give anything. */
async function* itemsOf<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void> {
  yield* items;
}
