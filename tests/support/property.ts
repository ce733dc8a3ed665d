import fc from 'fast-check';

/** A seed of its own for each run, which it prints; `SEED=number` repeats a run. */
export function freshSeed(title: string): number {
  const { SEED } = process.env;
  const seed = SEED === undefined ? Date.now() & 0x7fffffff : Number(SEED);
  console.log(`${title}: SEED=${seed}`);
  return seed;
}

/**
 * Checks a property with fresh inputs, as `freshSeed` says. `RUNS=number` makes a run longer. `examples`: inputs that come first in each run; a test that counts cases needs one of each kind,
 * since fresh inputs may lack some.
 */
export async function holds<T>(
  title: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
  runs: number,
  examples: readonly NoInfer<T>[] = [],
): Promise<void> {
  const { RUNS } = process.env;
  const seed = freshSeed(title);
  const numRuns = RUNS === undefined ? runs : Number(RUNS);
  await fc.assert(fc.asyncProperty(inputs, check), {
    ...{ seed, numRuns, includeErrorInReport: true },
    examples: examples.map((example): [T] => [example]),
  });
}
