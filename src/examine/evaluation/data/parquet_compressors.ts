import { gunzipSync } from 'fflate/browser';
import { type Compressors, snappyUncompress } from 'hyparquet/src/index.js';

/** Most bytes that a compressed byte stands for, rounded up. */
const MOST_GROWTH = { GZIP: 1032, SNAPPY: 22 } as const;
/** Lengths of Snappy's literals up to this are in their first byte; larger ones are in 1 to 4 bytes after it. */
const LONGEST_SHORT = 60;

/** Decompressors of pages, which throw a TypeError for a size that the compressed bytes cannot have. */
export const COMPRESSORS: Compressors = {
  GZIP: (bytes, size) => gunzipSync(bytes, { out: roomFor(bytes, size, 'GZIP') }),
  SNAPPY(bytes, size) {
    const out = roomFor(bytes, size, 'SNAPPY');
    checkLiterals(bytes);
    snappyUncompress(bytes, out);
    return out;
  },
};

function roomFor(bytes: Uint8Array, size: number, codec: keyof typeof MOST_GROWTH): Uint8Array {
  if (size <= MOST_GROWTH[codec] * bytes.length) return new Uint8Array(size);
  throw new TypeError(`a page of ${bytes.length} bytes in ${codec} claims ${size} bytes`);
}

/** Throws for literals of 2 GiB and more, whose lengths hyparquet takes for negative ones, which lead it back without end. */
function checkLiterals(bytes: Uint8Array): void {
  let at = 0;
  while (bytes[at++]! >= 128);
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    if (kind > 0) {
      at += kind === 3 ? 4 : kind;
      continue;
    }
    let length = (tag >>> 2) + 1;
    const more = length - LONGEST_SHORT;
    if (more > 0) {
      length = 1;
      for (let i = 0; i < more; i++) length += (bytes[at + i] ?? 0) * 2 ** (8 * i);
      at += more;
    }
    if (length > bytes.length)
      throw new TypeError(`a page of ${bytes.length} bytes has a literal of ${length}`);
    at += length;
  }
}
