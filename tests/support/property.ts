import fc from 'fast-check';

/**
 * Checks a property with fresh inputs, whose seed it prints. `SEED=number` repeats a run, `RUNS=number` makes
 * it longer. `examples`: inputs that come first in each run; a test that counts cases needs one of each kind,
 * since fresh inputs may lack some.
 */
export async function holds<T>(
  title: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
  runs: number,
  examples: readonly NoInfer<T>[] = [],
): Promise<void> {
  const { SEED, RUNS } = process.env;
  const seed = SEED === undefined ? Date.now() & 0x7fffffff : Number(SEED);
  console.log(`${title}: SEED=${seed}`);
  const numRuns = RUNS === undefined ? runs : Number(RUNS);
  await fc.assert(fc.asyncProperty(inputs, check), {
    ...{ seed, numRuns, includeErrorInReport: true },
    examples: examples.map((example): [T] => [example]),
  });
}
