import { show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
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
  const bytes = new Uint8Array(length);
  for (let i = 0, at = 0; i < ids.length; i++) at = copyToken(tokens, ids[i]!, bytes, at);
  return utf8.decode(bytes);
}

/**
 * Makes a decoder whose outputs, joined, are decodeIds of all the ids: the bytes that it holds back begin
 * with a lead byte, and at a lead byte the state of a UTF-8 decoder does not depend on the bytes before.
 */
export function createStreamDecoder(tokens: TokenTable): StreamDecoder {
  let held = new Uint8Array(0);
  return {
    push(id) {
      const bytes = new Uint8Array(held.length + tokenLength(tokens, id));
      bytes.set(held);
      copyToken(tokens, id, bytes, held.length);
      const complete = completeLength(bytes);
      held = bytes.slice(complete);
      return utf8.decode(bytes.subarray(0, complete));
    },
    end() {
      const text = utf8.decode(held);
      held = new Uint8Array(0);
      return text;
    },
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
      'a model can have more ids than its tokenizer, which then stand for no text',
  );
}

/** Copies a token; for its few bytes a loop is faster than TypedArray.set. */
function copyToken(tokens: TokenTable, id: number, target: Uint8Array, at: number): number {
  const end = tokens.ends[id]!;
  for (let from = tokens.starts[id]!; from < end; from++) target[at++] = tokens.bytes[from]!;
  return at;
}

/** The number of bytes before a last character that more bytes could complete. */
function completeLength(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const lead = bytes[length - back]!;
    if (lead < 0x80) return length;
    if (lead >= 0xc0) return isIncomplete(bytes, length - back) ? length - back : length;
  }
  return length;
}

/** Whether the bytes from `start` to the end are a proper prefix of the UTF-8 of some character. */
function isIncomplete(bytes: Uint8Array, start: number): boolean {
  const lead = bytes[start]!;
  if (lead < 0xc2 || lead > 0xf4) return false;
  const present = bytes.length - start;
  if (present >= (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)) return false;
  if (present === 1) return true;
  // The second byte shows overlong forms, surrogates and code points above U+10FFFF.
  const second = bytes[start + 1]!;
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xf0) return second >= 0x90;
  if (lead === 0xf4) return second < 0x90;
  return true;
}
