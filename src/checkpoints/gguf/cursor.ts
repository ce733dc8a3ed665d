import { Gpt2Error } from '../../base/errors.js';
import { StringList } from './string_list.js';

/** Bytes of a string's length. */
export const LENGTH_BYTES = 8;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the little-endian values of a header from its first bytes, which may end before the header does. */
export class HeaderCursor {
  /** Whether reading failed because the header is longer than `bytes`. */
  ranOut = false;
  /** The tensor whose type is not read, if reading stopped there, and the type's number. */
  unread: { readonly what: string; readonly number: number } | undefined;
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fileBytes: number;
  readonly #where: string;

  /** `bytes`: the start of a file of `fileBytes`; `where` names it in messages. */
  constructor(bytes: Uint8Array, fileBytes: number, where: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileBytes = fileBytes;
    this.#where = where;
  }

  wrong(problem: string): Gpt2Error {
    return new Gpt2Error('invalid-file', `${this.#where}: ${problem}`);
  }

  unsupported(problem: string): Gpt2Error {
    return new Gpt2Error('unsupported', `${this.#where}: ${problem}`);
  }

  /** Throws if fewer than `count` bytes follow. */
  require(count: number, what: string): void {
    const end = this.at + count;
    if (end > this.#fileBytes) {
      throw this.wrong(
        `${what} at byte ${this.at} takes ${count} bytes, but the file has ${this.#fileBytes}; ` +
          'it is cut off or its header is damaged',
      );
    }
    if (end > this.#bytes.length) {
      this.ranOut = true;
      throw this.wrong(`the header does not end within ${this.#bytes.length} bytes`);
    }
  }

  /** Skips the next `count` bytes and returns the position of the first. */
  #take(count: number, what: string): number {
    this.require(count, what);
    this.at += count;
    return this.at - count;
  }

  u8 = (what: string): number => this.#view.getUint8(this.#take(1, what));
  i8 = (what: string): number => this.#view.getInt8(this.#take(1, what));
  u16 = (what: string): number => this.#view.getUint16(this.#take(2, what), true);
  i16 = (what: string): number => this.#view.getInt16(this.#take(2, what), true);
  u32 = (what: string): number => this.#view.getUint32(this.#take(4, what), true);
  i32 = (what: string): number => this.#view.getInt32(this.#take(4, what), true);
  f32 = (what: string): number => this.#view.getFloat32(this.#take(4, what), true);
  f64 = (what: string): number => this.#view.getFloat64(this.#take(8, what), true);
  /** Above 2^53 the nearest double, which still exceeds every limit that it is compared with. */
  u64 = (what: string): number => this.u32(what) + 2 ** 32 * this.u32(what);
  i64 = (what: string): number => this.u32(what) + 2 ** 32 * this.i32(what);

  bool = (what: string): boolean => {
    const byte = this.u8(what);
    if (byte > 1) throw this.wrong(`${what} is a bool of value ${byte}; it must be 0 or 1`);
    return byte === 1;
  };

  /** A count or a length; throws if it is above `max`. */
  count(max: number, what: string): number {
    const count = this.u64(what);
    if (count > max) throw this.wrong(`${what} is ${count}; at most ${max} is allowed`);
    return count;
  }

  /** `count` numbers of type i32 at once: a tokenizer has one for each token. */
  i32s(count: number, what: string): number[] {
    const start = this.#take(4 * count, what);
    const values: number[] = [];
    for (let i = 0; i < count; i++) values.push(this.#view.getInt32(start + 4 * i, true));
    return values;
  }

  /** A string; throws if it is longer than `maxBytes`. */
  string(maxBytes: number, what: string): string {
    const length = this.count(maxBytes, `the length of ${what}`);
    const start = this.#take(length, what);
    return this.#decode(start, start + length, what);
  }

  /** `count` strings; throws if one is longer than `maxBytes`. */
  strings(count: number, maxBytes: number, what: string): StringList {
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      // Nearly all strings are short and within `bytes`: they are read without a call.
      const isShort =
        this.at + LENGTH_BYTES <= this.#bytes.length && this.#view.getUint32(this.at + 4, true) === 0;
      let length = isShort ? this.#view.getUint32(this.at, true) : maxBytes + 1;
      if (length <= maxBytes) this.at += LENGTH_BYTES;
      else length = this.count(maxBytes, `the length of ${what}`);
      if (this.at + length > this.#bytes.length) this.require(length, what);
      starts[i] = this.at;
      ends[i] = this.at + length;
      this.at += length;
      if (!this.#isPlain(starts[i]!, this.at)) this.#decode(starts[i]!, this.at, what);
    }
    return new StringList(this.#bytes, starts, ends);
  }

  #decode(start: number, end: number, what: string): string {
    try {
      return utf8.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw new Gpt2Error('invalid-file', `${this.#where}: ${what} is not valid UTF-8`, { cause });
    }
  }

  /** Whether bytes are UTF-8 of characters below U+0800, as those of nearly all tokens are. */
  #isPlain(start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte < 0x80) continue;
      if (byte < 0xc2 || byte >= 0xe0 || i + 1 >= end || (bytes[++i]! & 0xc0) !== 0x80) return false;
    }
    return true;
  }
}
