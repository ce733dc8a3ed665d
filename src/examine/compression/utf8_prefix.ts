import { isContinuation } from '../../base/utf8.js';

/** The least and largest second byte after first bytes for which not all of 80 to BF are valid. */
const SECOND: Readonly<Record<number, readonly [number, number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

/** The number of bytes of a character that begins with this one; 0 if none does. */
function lengthAfter(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The end of the longest run of whole characters of UTF-8 in bytes[start, end) that begins at `start`. */
export function utf8End(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; ; ) {
    const length = lengthAfter(bytes[at]!);
    if (at >= end || length === 0 || at + length > end) return at;
    const [least, most] = SECOND[bytes[at]!] ?? [0x80, 0xbf];
    if (length > 1 && !(bytes[at + 1]! >= least && bytes[at + 1]! <= most)) return at;
    for (let i = 2; i < length; i++) if (!isContinuation(bytes[at + i]!)) return at;
    at += length;
  }
}
