/**
 * The values of several generators as they come. Each is asked for its next value when the last one has been taken.
 */
export async function* merged<T>(generators: readonly AsyncGenerator<T, void>[]): AsyncGenerator<T, void> {
  // Not Promise.race, whose callbacks stay with the generators that wait, one for each value of the others.
  const arrived: (() => Next<T>)[] = [];
  let wake = () => {};
  const arrive = (next: () => Next<T>) => {
    arrived.push(next);
    wake();
  };
  const ask = (from: AsyncGenerator<T, void>) => {
    from.next().then(
      (result) => arrive(() => ({ from, result })),
      (error) =>
        arrive(() => {
          throw error;
        }),
    );
  };
  try {
    for (const generator of generators) ask(generator);
    let open = generators.length;
    while (open > 0) {
      if (arrived.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const { from, result } = arrived.shift()!();
      if (result.done) {
        open--;
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
