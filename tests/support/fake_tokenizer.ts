import type { EncodeOptions } from '../../src/tokenizer/encode_options.js';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.js';

const PIECES = 'abcdefghijklmnopqrstuvwxyz .,!'.split('');

/**
 * A vocabulary of 48: id 0 ends a text, 1 to 30 are characters, 31 to 38 are pieces of several characters and
 * 39 to 47 are some or all bytes of characters that take several.
 */
const VOCABULARY: Uint8Array[] = [
  '<|end|>',
  ...PIECES,
  'th',
  'the ',
  'ing',
  'ab',
  'aba',
  '. ',
  'é',
  '😀',
].map((text) => new TextEncoder().encode(text));
VOCABULARY.push(...[0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82, 0xac].map((byte) => Uint8Array.of(byte)));

export const fakeTokenizer = {
  vocabSize: VOCABULARY.length,
  specialTokens: new Map([['<|end|>', 0]]),

  encode(text: string, { allowedSpecial }: EncodeOptions = {}): number[] {
    const ids: number[] = [];
    for (let at = 0; at < text.length; ) {
      if (allowedSpecial === 'all' && text.startsWith('<|end|>', at)) {
        ids.push(0);
        at += 7;
        continue;
      }
      const piece = PIECES.indexOf(text[at]!);
      if (piece < 0) throw new Error(`the fake tokenizer has no ${text[at]}`);
      ids.push(1 + piece);
      at++;
    }
    return ids;
  },

  encodeUpTo(text: string, most: number, options?: EncodeOptions): number[] | undefined {
    const ids = fakeTokenizer.encode(text, options);
    return ids.length > most ? undefined : ids;
  },

  decode(ids: readonly number[]): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      Uint8Array.from(ids.flatMap((id) => [...bytesOf(id)])),
    );
  },

  streamDecoder(): { push(id: number): string; end(): string } {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return {
      push: (id) => decoder.decode(bytesOf(id), { stream: true }),
      end: () => decoder.decode(),
    };
  },

  tokenBytes: bytesOf,
} as unknown as Tokenizer;

function bytesOf(id: number): Uint8Array {
  const bytes = VOCABULARY[id];
  if (!bytes) throw new Error(`token ${id} has no text`);
  return bytes;
}
