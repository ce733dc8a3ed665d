import type { Tokenizer } from '../../src/tokenizer/tokenizer.js';

/** A tokenizer whose token i has the bytes `pieces[i]`; `special` are the ids of special tokens. */
export function pieceTokenizer(pieces: readonly Uint8Array[], special: readonly number[] = []): Tokenizer {
  const utf8 = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bytesOf = (ids: ArrayLike<number>) =>
    Uint8Array.from(Array.from(ids).flatMap((id) => [...pieces[id]!]));
  return {
    vocabSize: pieces.length,
    specialTokens: new Map(special.map((id) => [utf8(pieces[id]!), id])),
    decode: (ids: ArrayLike<number>) => utf8(bytesOf(ids)),
    tokenBytes: (id: number) => pieces[id]!,
    streamDecoder() {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      return {
        push: (id: number) => decoder.decode(pieces[id]!, { stream: true }),
        end: () => decoder.decode(),
      };
    },
  } as unknown as Tokenizer;
}
