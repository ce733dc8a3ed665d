import type { Gpt2Error } from '../../../base/errors.js';
import { DoubleArray } from './double_array.js';

/** A map from characters, or several in a row, to texts. */
export interface CharacterMap {
  /** The shortest or the longest entry that bytes[from, to), UTF-8, begins with: its text, and its end in `bytes`. */
  find(
    bytes: Uint8Array,
    from: number,
    to: number,
    longest: boolean,
  ): { text: string; end: number } | undefined;
}

/** A longer text for a character is refused. */
const MOST_BYTES = 1024;

/** Reads the base64 of a character map of SentencePiece: the size of its trie, the trie, then texts that end with a 0. */
export function readCharacterMap(base64: string, invalid: (problem: string) => Gpt2Error): CharacterMap {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    throw invalid('its character map is no base64');
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const trieBytes = bytes.length < 4 ? 0 : view.getUint32(0, true);
  if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
    throw invalid('its character map is damaged: the size of the trie is wrong');
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const trie = new DoubleArray(units);
  const texts = bytes.subarray(4 + trieBytes);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    find(key, from, to, longest) {
      const found = trie.find(key, from, to, longest);
      if (found === undefined) return undefined;
      const within = texts.subarray(found.value, found.value + MOST_BYTES);
      const length = within.indexOf(0);
      if (length === -1 && within.length === MOST_BYTES)
        throw invalid('its character map has too long a text');
      return { text: utf8.decode(length === -1 ? within : within.subarray(0, length)), end: found.end };
    },
  };
}
