import { utf8Text } from '../../../base/utf8_text.js';
import { utf8Length } from '../text/utf8_length.js';
import type { Decoder } from './decode_step.js';

/** The byte that a token such as <0xE2> stands for. */
function byteOf(token: string): number | undefined {
  const found = /^<0x([0-9a-fA-F]{2}|\+[0-9a-fA-F])>$/.exec(token);
  return found === null ? undefined : Number.parseInt(found[1]!, 16);
}

/**
 * Makes characters of tokens for bytes. A run of them that is not UTF-8 becomes U+FFFD for each byte, as in the tokenizers
 * library, so that a run is certain only at its end.
 */
export const byteFallback: Decoder = {
  start(isFused) {
    let run: number[] = [];
    let whole = '';
    const flush = (): string[] => {
      if (run.length === 0) return [];
      const text = utf8Text(Uint8Array.from(run));
      const texts = text === undefined ? run.map(() => '\ufffd') : [text];
      run = [];
      return texts;
    };
    const push = (token: string): string[] => {
      const byte = byteOf(token);
      if (byte === undefined) return [...flush(), token];
      run.push(byte);
      return [];
    };
    if (!isFused) return { push, end: flush };
    // One text in parts is a byte only if all of it is one.
    let isLong = false;
    return {
      push(part) {
        if (isLong) return [part];
        whole += part;
        isLong = utf8Length(whole) > BYTE_TOKEN_LENGTH;
        return isLong ? [whole] : [];
      },
      end: () => (isLong ? [] : [...push(whole), ...flush()]),
    };
  },
  within(added) {
    const byte = typeof added === 'string' ? byteOf(added) : undefined;
    return byte === undefined ? added : Uint8Array.of(byte);
  },
};

const BYTE_TOKEN_LENGTH = 6;
