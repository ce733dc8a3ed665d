import { BYTE_SYMBOLS } from '../../bpe/byte_alphabet.js';
import type { EncodedToken } from '../encoded_token.js';

const SPACE = String.raw`[${BYTE_SYMBOLS[0x20]}\p{White_Space}]`;
const BEGINNING = new RegExp(`^${SPACE}+`, 'u');
const SPACES = new RegExp(`^${SPACE}$`, 'u');

/**
 * Leaves the white space of tokens out of the parts of the text that they stand for. `addsSpace`: the first space of the
 * text's beginning may have been added, and stays.
 */
export function trimOffsets(tokens: readonly EncodedToken[], addsSpace: boolean): EncodedToken[] {
  return tokens.map((token, i) => {
    let { start, end } = token;
    let leading = BEGINNING.exec(token.text)?.[0].length ?? 0;
    const trailing = trailingSpaces(token.text);
    if (leading > 0) {
      if ((i === 0 || start === 0) && addsSpace && leading === 1) leading = 0;
      start = Math.min(start + leading, end);
    }
    if (trailing > 0 && end >= trailing) end = Math.max(end - trailing, start);
    return { ...token, start, end };
  });
}

/** Units of white space at the end, all of which is in the basic plane. */
function trailingSpaces(text: string): number {
  let at = text.length;
  while (at > 0 && SPACES.test(text[at - 1]!)) at--;
  return text.length - at;
}
