/**
 * The items of an iterator, of which up to `count` are requested ahead, so that the producer does not wait
 * while the consumer is busy.
 */
export async function* readAhead<T>(
  iterator: { next(): Promise<IteratorResult<T, unknown>> },
  count: number,
): AsyncGenerator<T, void> {
  const asked: Promise<IteratorResult<T, unknown>>[] = [];
  const ask = () => {
    const item = iterator.next();
    // Results of requests after the end or after an error are ignored.
    item.catch(() => {});
    asked.push(item);
  };
  while (asked.length < count) ask();
  for (;;) {
    const { done, value } = await asked.shift()!;
    if (done) return;
    ask();
    yield value as T;
  }
}
