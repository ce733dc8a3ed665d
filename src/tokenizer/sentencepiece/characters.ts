import { isContinuation } from '../../base/utf8.js';

/** Bytes of the character of UTF-8 that begins at `at`; 0 if none does, as SentencePiece counts. */
export function characterLength(bytes: Uint8Array, at: number, end = bytes.length): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  for (let i = 1; i < length; i++) {
    if (!isContinuation(bytes[at + i]!)) return 0;
  }
  // Overlong forms, surrogates, and code points above U+10FFFF.
  const second = bytes[at + 1]!;
  if (lead === 0xe0) return second >= 0xa0 ? 3 : 0;
  if (lead === 0xed) return second < 0xa0 ? 3 : 0;
  if (lead === 0xf0) return second >= 0x90 ? 4 : 0;
  if (lead === 0xf4) return second < 0x90 ? 4 : 0;
  return length;
}

/** Bytes of a character by its first byte alone, as SentencePiece cuts a text. */
export function lengthByLead(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
