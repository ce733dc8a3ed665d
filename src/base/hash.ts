/** Start value of `fnv1a`: the 32-bit offset basis. */
export const FNV_START = 0x811c9dc5;

/**
 * Adds a word to a 32-bit FNV-1a hash (Fowler, Noll and Vo) and returns it as a signed integer:
 * `reduce(fnv1a, FNV_START)` hashes an array. The hash is defined for bytes; longer words are added in one
 * step, which is faster.
 */
export function fnv1a(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x01000193);
}
