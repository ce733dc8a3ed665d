import { writeSymbolBytes } from '../../bpe/byte_alphabet.js';
import type { Added, Decoder } from './decode_step.js';
import { atEnd } from './per_token.js';

/** Joins all tokens to one text. */
export const fuse: Decoder = {
  start: () => ({ push: (token) => [token], end: () => [] }),
  fuses: true,
  within: (added) => added,
};

const utf8 = new TextEncoder();
const utf16 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes of a token in GPT-2's byte alphabet, or those of its UTF-8 if it has other characters. */
function bytesOf(token: string): Uint8Array {
  const units = Uint16Array.from({ length: token.length }, (_, i) => token.charCodeAt(i));
  const bytes = new Uint8Array(units.length);
  return writeSymbolBytes(units, 0, units.length, bytes, 0) === -1 ? utf8.encode(token) : bytes;
}

/** Reads GPT-2's byte alphabet. */
export const byteLevel: Decoder = {
  start(isFused) {
    if (isFused) return atEnd((text) => utf16.decode(bytesOf(text)));
    // A byte order mark at the start is kept.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return {
      push: (token) => [decoder.decode(bytesOf(token), { stream: true })],
      end: () => [decoder.decode()],
    };
  },
  fuses: true,
  within: (added: Added) => (typeof added === 'string' ? bytesOf(added) : added),
};
