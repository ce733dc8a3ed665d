import type { ByteSet } from './byte_set.js';

/** All 256 bytes in classes of neighbours. After some expression, the bytes of a class have the same effect. */
export interface Partition {
  /** The class of each byte. */
  readonly classOf: Uint8Array;
  /** The first byte of each class, and 256 after the last one. */
  readonly starts: readonly number[];
}

/** `cuts`: the bytes that begin a class; 0 always does. */
export function partitionAt(cuts: ByteSet): Partition {
  const classOf = new Uint8Array(256);
  const starts = [0];
  for (let byte = 1; byte < 256; byte++) {
    if (cuts.has(byte)) starts.push(byte);
    classOf[byte] = starts.length - 1;
  }
  starts.push(256);
  return { classOf, starts };
}
