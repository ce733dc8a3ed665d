/** Calls `make` with the first token and the number of tokens of each run; `starts` are those of the runs. */
export function eachRun<T>(
  starts: readonly number[],
  count: number,
  make: (first: number, tokens: number, index: number) => T,
): T[] {
  return starts.map((first, i) => make(first, (starts[i + 1] ?? count) - first, i));
}
