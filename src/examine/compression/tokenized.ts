import { nextTask } from '../../base/next_task.js';
import { isContinuation } from '../../base/utf8.js';
import { utf8Text } from '../../base/utf8_text.js';
import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { utf8End } from './utf8_prefix.js';

/** Bytes that are tokenized at once: some milliseconds. */
const CHUNK = 2 ** 16;
/** The last bytes of a chunk in which its end is searched. */
const SEARCHED = 1024;
/** Fewer bytes of text between others, or that the tokenizer does not give back, are not worth tokens. */
const LEAST_TEXT = 16;
/** Most bytes of a literal, whose length takes a byte. */
export const MOST_LITERAL = 256;

/** Bytes as tokens, and as literals where no token says them. */
export interface Tokenized {
  readonly ids: readonly number[];
  /** Bytes, 1 to MOST_LITERAL each, that come before a token, by the token's index. */
  readonly literals: ReadonlyMap<number, readonly Uint8Array[]>;
  /** Bytes after the last token. */
  readonly tail: Uint8Array;
}

/** Tokenizes any bytes. The event loop runs between chunks; `check` is called before each. */
export async function tokenized(
  bytes: Uint8Array,
  tokenizer: Tokenizer,
  vocabSize: number,
  check: () => void,
): Promise<Tokenized> {
  const writer = new TokenWriter(bytes, tokenizer, vocabSize);
  for (let start = 0; start < bytes.length; ) {
    await nextTask();
    check();
    const end = chunkEnd(bytes, start);
    writer.chunk(start, end);
    start = end;
  }
  return writer.finish();
}

/** The end of the chunk that begins at `start`: before white space, or else between two characters. */
function chunkEnd(bytes: Uint8Array, start: number): number {
  const end = start + CHUNK;
  if (end >= bytes.length) return bytes.length;
  for (let at = end; at > end - SEARCHED; at--) if (bytes[at] === 0x20 || bytes[at] === 0x0a) return at;
  for (let at = end; at > end - 4; at--) if (!isContinuation(bytes[at]!)) return at;
  return end;
}

class TokenWriter {
  readonly #bytes: Uint8Array;
  readonly #tokenizer: Tokenizer;
  readonly #vocabSize: number;
  readonly #ids: number[] = [];
  readonly #literals = new Map<number, Uint8Array[]>();
  /** Bytes before this are said by tokens and literals. */
  #done = 0;

  constructor(bytes: Uint8Array, tokenizer: Tokenizer, vocabSize: number) {
    this.#bytes = bytes;
    this.#tokenizer = tokenizer;
    this.#vocabSize = vocabSize;
  }

  finish(): Tokenized {
    return { ids: this.#ids, literals: this.#literals, tail: this.#bytes.subarray(this.#done) };
  }

  /** Bytes that no token says become literals before the next token. */
  chunk(start: number, end: number): void {
    for (let at = start; at < end; ) {
      const textEnd = utf8End(this.#bytes, at, end);
      if (textEnd - at >= LEAST_TEXT || textEnd - at === end - start) this.#text(at, textEnd);
      at = textEnd + 1;
    }
  }

  /** Tokens for bytes[start, end), whole characters, as far as they give the bytes back. */
  #text(start: number, end: number): void {
    const ids = this.#tokenizer.encode(utf8Text(this.#bytes.subarray(start, end))!);
    let first = 0;
    let from = start;
    while (first < ids.length) {
      const after = this.#after(ids[first]!, from);
      if (after === -1 || after > end) break;
      this.#push(ids[first]!, from, after);
      from = after;
      first++;
    }
    let last = ids.length;
    let to = end;
    while (last > first) {
      const before = this.#before(ids[last - 1]!, to);
      if (before < from) break;
      to = before;
      last--;
    }
    this.#rest(from, to);
    for (let i = last; i < ids.length; i++) {
      const after = this.#after(ids[i]!, to);
      this.#push(ids[i]!, to, after);
      to = after;
    }
  }

  /** Bytes between tokens that give back what is around them: tries the halves. */
  #rest(from: number, to: number): void {
    let start = from;
    while (start < to && isContinuation(this.#bytes[start]!)) start++;
    const end = to < this.#bytes.length ? this.#characterAt(to) : to;
    if (end - start < LEAST_TEXT) return;
    const middle = this.#characterAt((start + end) >> 1);
    this.#text(start, middle);
    this.#text(middle, end);
  }

  /** The bytes of a token that the model can predict. */
  #token(id: number): Uint8Array | undefined {
    return id < this.#vocabSize ? bytesOfToken(this.#tokenizer, id) : undefined;
  }

  /** End of the token that begins at `start`; -1 if the bytes there are others. */
  #after(id: number, start: number): number {
    const token = this.#token(id);
    return token?.every((byte, i) => byte === this.#bytes[start + i]) ? start + token.length : -1;
  }

  /** Beginning of the token that ends at `end`; -1 if the bytes there are others. */
  #before(id: number, end: number): number {
    const start = end - (this.#token(id)?.length ?? end + 1);
    return start >= 0 && this.#after(id, start) === end ? start : -1;
  }

  #characterAt(index: number): number {
    let at = index;
    while (isContinuation(this.#bytes[at]!)) at--;
    return at;
  }

  #push(id: number, start: number, end: number): void {
    if (start === end) return;
    if (start > this.#done) {
      const literals: Uint8Array[] = [];
      for (let at = this.#done; at < start; at += MOST_LITERAL) {
        literals.push(this.#bytes.subarray(at, Math.min(start, at + MOST_LITERAL)));
      }
      this.#literals.set(this.#ids.length, literals);
    }
    this.#ids.push(id);
    this.#done = end;
  }
}
