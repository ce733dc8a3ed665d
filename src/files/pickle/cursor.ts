import { Gpt2Error } from '../../base/errors.js';
import { utf8Text } from '../../base/utf8_text.js';

/** Longest whole number, in bytes; no model has one of more than 20 digits. */
const MAX_INTEGER_BYTES = 1024;
/** Longest line of a number or name in the text opcodes of protocol 0. */
const MAX_LINE = 4096;
const NEWLINE = 10;

/** Thrown when the bytes end before the pickle does, if more may follow. */
export const MORE: unique symbol = Symbol('more bytes are needed');

/** Reads the parts of a pickle in order; every length is checked against the bytes that are left. */
export class PickleCursor {
  /** Position of the next byte. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #byteLength: number;

  /** `byteLength`: that of the whole file, of which `bytes` are the first. */
  constructor(bytes: Uint8Array, where: string, at: number, byteLength: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#where = where;
    this.at = at;
    this.#byteLength = byteLength;
  }

  error(problem: string): Gpt2Error {
    return new Gpt2Error('invalid-file', `${this.#where}: ${problem} at byte ${this.at}`);
  }

  /** Position of `length` bytes, which are passed over. */
  #take(length: number): number {
    const start = this.at;
    if (!(length <= this.#byteLength - start)) {
      throw this.error(`a pickle needs ${length} more bytes, and ${this.#byteLength - start} are left`);
    }
    if (length > this.#bytes.length - start) throw MORE;
    this.at += length;
    return start;
  }

  /** Throws if fewer than `length` bytes of the file are left. */
  expect(length: number): void {
    if (length > this.#byteLength - this.at) {
      throw this.error(`a frame of ${length} bytes is announced, which is more than are left,`);
    }
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** An unsigned number of eight bytes; exact below 2^53, and larger ones exceed every file. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(length: number): string {
    const text = utf8Text(this.bytes(length));
    if (text === undefined) throw this.error('a text is not valid UTF-8');
    return text;
  }

  /** A text of Python 2, which may also be bytes: UTF-8 or else a character for each byte. */
  oldText(length: number): string {
    const bytes = this.bytes(length);
    return utf8Text(bytes) ?? latin1(bytes);
  }

  /** A whole number in two's complement. */
  integer(length: number): number | bigint {
    if (length < 0 || length > MAX_INTEGER_BYTES) {
      throw this.error(`a whole number of ${length} bytes; at most ${MAX_INTEGER_BYTES} are read,`);
    }
    let value = 0n;
    const bytes = this.bytes(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return safe(BigInt.asIntN(8 * length, value));
  }

  /** A line without its end, a character for each byte. */
  line(most = MAX_LINE): string {
    const end = this.#bytes.indexOf(NEWLINE, this.at);
    if (end < 0 && this.#bytes.length < this.#byteLength) throw MORE;
    if (end < 0) throw this.error('a line does not end');
    if (end - this.at > most) throw this.error(`a line of ${end - this.at} bytes; at most ${most} are read,`);
    const bytes = this.bytes(end - this.at);
    this.at++;
    return latin1(bytes);
  }

  /** Bytes of the file that are left. */
  get rest(): number {
    return this.#byteLength - this.at;
  }
}

/** A character for each byte. */
export function latin1(bytes: Uint8Array): string {
  const PART = 8192;
  let text = '';
  for (let i = 0; i < bytes.length; i += PART) text += String.fromCharCode(...bytes.subarray(i, i + PART));
  return text;
}

/** A whole number as a number, if that is exact. */
export function safe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
