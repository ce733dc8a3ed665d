import { bytesOfToken } from './bytes_of_token.js';
import type { Tokenizer } from './tokenizer.js';

/** The characters of each token in a text, and where they are. */
export interface TokenTexts {
  readonly text: string;
  readonly texts: readonly string[];
  /** Offsets [T + 1] in UTF-16 code units: token i has the characters from `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
}

/**
 * The characters that each token completes. `given` is the text that the ids were encoded from, if there was
 * one: its own characters count then, and a space that the tokenizer puts before every text is left out.
 */
export function tokenTexts(tokenizer: Tokenizer, ids: readonly number[], given?: string): TokenTexts {
  const known = given === undefined ? undefined : tokenizer.bordersIn?.(given);
  if (known?.ids.length === ids.length && known.ids.every((id, i) => id === ids[i])) {
    const { borders } = known;
    const texts = ids.map((_, i) => given!.slice(borders[i], borders[i + 1]));
    return { text: given!, texts, offsets: borders };
  }
  const decoder = tokenizer.streamDecoder();
  // A padded vocabulary has ids without a token.
  const texts = ids.map((id) => (bytesOfToken(tokenizer, id) ? decoder.push(id) : ''));
  texts[texts.length - 1] += decoder.end();
  const isPrefixed = given !== undefined && !given.startsWith(' ') && texts.join('').startsWith(' ');
  if (isPrefixed) {
    const first = texts.findIndex((text) => text !== '');
    texts[first] = texts[first]!.slice(1);
  }
  const offsets = new Int32Array(ids.length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
  return { text: texts.join(''), texts, offsets };
}
