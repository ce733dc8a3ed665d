import { show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { MOST_BYTES, tooLong } from './most_at_once.js';
import type { TokenTable } from './token_table.js';

/** Decodes ids one at a time, to show a text while it is generated. */
export interface StreamDecoder {
  /**
   * The text that this id completes: whole characters only; '' while a character is incomplete.
   * Throws `invalid-option` for an id without a token.
   */
  push(id: number): string;
  /** The rest of the text: U+FFFD for an incomplete character, else ''. Resets the decoder. */
  end(): string;
}

// A byte order mark at the start is kept.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The text of ids; U+FFFD for bytes that are not UTF-8. Throws `invalid-option` for an id without a token.
 */
export function decodeIds(tokens: TokenTable, ids: ArrayLike<number>): string {
  let length = 0;
  for (let i = 0; i < ids.length; i++) length += tokenLength(tokens, ids[i]!);
  if (length > MOST_BYTES) tooLong();
  const bytes = new Uint8Array(length);
  for (let i = 0, at = 0; i < ids.length; i++) at = copyToken(tokens, ids[i]!, bytes, at);
  return utf8.decode(bytes);
}

/** Makes a decoder whose outputs, joined, are decodeIds of all the ids. */
export function createStreamDecoder(tokens: TokenTable): StreamDecoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push(id) {
      const length = tokenLength(tokens, id);
      const start = tokens.starts[id]!;
      return decoder.decode(tokens.bytes.subarray(start, start + length), { stream: true });
    },
    end: () => decoder.decode(),
  };
}

/** Bytes of the token with this id. */
export function tokenLength(tokens: TokenTable, id: number): number {
  const start = (typeof id === 'number' ? tokens.starts[id] : undefined) ?? -1;
  if (start === -1) throw unknownId(id, tokens.size);
  return tokens.ends[id]! - start;
}

/** The error for an id without a token, in a vocabulary of `size` ids. */
export function unknownId(id: unknown, size: number): Gpt2Error {
  return new Gpt2Error(
    'invalid-option',
    `token id ${show(id)} is not in the tokenizer's vocabulary of ${size} ids; ` +
      'further ones stand for no text',
  );
}

/** Copies a token; for its few bytes a loop is faster than TypedArray.set. */
function copyToken(tokens: TokenTable, id: number, target: Uint8Array, at: number): number {
  const end = tokens.ends[id]!;
  for (let from = tokens.starts[id]!; from < end; from++) target[at++] = tokens.bytes[from]!;
  return at;
}
