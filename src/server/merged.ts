/**
 * The values of several generators as they come. Each is asked for its next value when the last one has been taken.
 */
export async function* merged<T>(generators: readonly AsyncGenerator<T, void>[]): AsyncGenerator<T, void> {
  const nexts = new Map<AsyncGenerator<T, void>, Promise<Next<T>>>();
  const ask = (from: AsyncGenerator<T, void>) => {
    const next = from.next().then((result): Next<T> => ({ from, result }));
    // Those of the others are not awaited after an error.
    next.catch(() => {});
    // Asked last, it is the last of those that are ready at the same time.
    nexts.delete(from);
    nexts.set(from, next);
  };
  try {
    for (const generator of generators) ask(generator);
    while (nexts.size > 0) {
      const { from, result } = await Promise.race(nexts.values());
      if (result.done) {
        nexts.delete(from);
        continue;
      }
      yield result.value;
      ask(from);
    }
  } finally {
    for (const generator of generators) generator.return().catch(() => {});
  }
}

interface Next<T> {
  readonly from: AsyncGenerator<T, void>;
  readonly result: IteratorResult<T, void>;
}
