import { isContinuation } from '../../base/utf8.js';
import { classOf, LATIN_CLASSES, WHITE_SPACE } from './unicode_class.js';

const SPACE = 0x20;
const APOSTROPHE = 0x27;
const [D, E, L, M, R, S, T, V] = new TextEncoder().encode('delmrstv');

/**
 * The end of the piece that begins at `start`, in bytes: one match of GPT-2's split pattern
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * on bytes[start, end), well-formed UTF-8. Matched without a regular expression, which would take most of the
 * time of encoding English text and can overflow its stack on pieces of a million characters.
 */
export function pieceEnd(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  if (first === APOSTROPHE) {
    const contraction = contractionLength(bytes, start, end);
    if (contraction !== 0) return start + contraction;
  }
  const at = first === SPACE && start + 1 < end ? start + 1 : start;
  const characterClass = classAt(bytes, at);
  return characterClass === WHITE_SPACE
    ? whiteSpaceEnd(bytes, start, end)
    : runEnd(bytes, at, end, characterClass);
}

/** The length of a match of `'s|'t|'re|'ve|'m|'ll|'d` at an apostrophe; 0 if there is none. */
function contractionLength(bytes: Uint8Array, start: number, end: number): number {
  if (start + 1 >= end) return 0;
  const second = bytes[start + 1];
  if (second === S || second === T || second === M || second === D) return 2;
  if (start + 2 >= end) return 0;
  const third = bytes[start + 2];
  return ((second === R || second === V) && third === E) || (second === L && third === L) ? 3 : 0;
}

/**
 * The end of a match of `\s+(?!\S)|\s+`: if more text follows, it leaves out the last character of the white
 * space.
 */
function whiteSpaceEnd(bytes: Uint8Array, start: number, end: number): number {
  const after = runEnd(bytes, start, end, WHITE_SPACE);
  if (after === end) return end;
  let last = after - 1;
  while (isContinuation(bytes[last]!)) last--;
  return last === start ? after : last;
}

function runEnd(bytes: Uint8Array, start: number, end: number, characterClass: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      if (LATIN_CLASSES[byte] !== characterClass) return at;
      at++;
    } else {
      if (classAt(bytes, at) !== characterClass) return at;
      at += byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    }
  }
  return at;
}

/** The class of the character whose UTF-8 begins at `at`. */
function classAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return LATIN_CLASSES[lead]!;
  let codePoint = ((lead & 0x1f) << 6) | (bytes[at + 1]! & 0x3f);
  if (lead >= 0xe0) codePoint = ((codePoint & 0x3ff) << 6) | (bytes[at + 2]! & 0x3f);
  if (lead >= 0xf0) codePoint = ((codePoint & 0x7fff) << 6) | (bytes[at + 3]! & 0x3f);
  return classOf(codePoint);
}
