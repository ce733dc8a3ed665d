/**
 * Panels with at least this K are fetched: models with such matrices do not fit a cache, and a panel that
 * comes from a cache loses by it.
 */
// @ts-ignore: decorator
@inline
export const FETCHED_LENGTH: i32 = 512;

/**
 * Reads one byte of each cache line from `start` to `end`, so that several rows can then be computed from a
 * panel in the cache. WebAssembly has no prefetch instruction; but the processor's window of instructions
 * holds more turns of this loop, and so waits for more lines at a time, than of a loop of products.
 */
export function fetchLines(start: usize, end: usize): void {
  for (let line = start + 0; line < end; line += 64) load<u8>(line);
}
