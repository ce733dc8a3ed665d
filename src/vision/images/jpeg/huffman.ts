import type { Bytes } from '../../../base/bytes.js';
import { damagedJpeg } from './damaged.js';

/** Codes of at most this many bits are looked up at once. */
export const LOOKUP_BITS = 9;

/** A Huffman code. */
export interface HuffmanTable {
  /** By the next LOOKUP_BITS bits: 256 * length of the code + its symbol; 0 for longer codes. */
  readonly lookup: Uint16Array;
  /** By length: one more than the largest code of at most this length, filled with ones to 16 bits. */
  readonly limits: Int32Array;
  /** By length: what to add to a code of this length to get the index of its symbol. */
  readonly offsets: Int32Array;
  readonly symbols: Bytes;
}

/** The table with `counts[i]` codes of i + 1 bits. Throws `invalid-file` if there are too many. */
export function huffmanTable(counts: Bytes, symbols: Bytes): HuffmanTable {
  const lookup = new Uint16Array(2 ** LOOKUP_BITS);
  const limits = new Int32Array(17);
  const offsets = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    offsets[length] = index - code;
    for (let i = 0; i < counts[length - 1]!; i++, code++, index++) {
      if (length > LOOKUP_BITS) continue;
      const first = code << (LOOKUP_BITS - length);
      lookup.fill(256 * length + symbols[index]!, first, first + 2 ** (LOOKUP_BITS - length));
    }
    if (code > 2 ** length) throw damagedJpeg('a Huffman table has too many codes');
    limits[length] = code << (16 - length);
    code *= 2;
  }
  return { lookup, limits, offsets, symbols };
}
