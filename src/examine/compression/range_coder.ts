import { Gpt2Error } from '../../base/errors.js';
import { grown } from '../../base/grown.js';
import { type Interval, TOTAL, TOTAL_BITS } from './distribution.js';

/*
 * Range coding (Martin 1979): a number of any length from 0 to 1 is narrowed by each interval. 64 bits of it are in
 * work; those before them are written, and a carry may still raise them.
 */

const BITS = 64n;
const BYTES = 8;
const WHOLE = 1n << BITS;
const LOW_BITS = WHOLE - 1n;
/** The range never stays below this, so that a TOTALth of it has 24 bits or more. */
const LEAST = WHOLE >> 8n;
const SHIFT = BigInt(TOTAL_BITS);

/** The interval of a byte if all are equally likely. */
const ofByte = (byte: number): Interval => ({ start: (byte * TOTAL) / 256, size: TOTAL / 256 });

export class RangeEncoder {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #low = 0n;
  #range = WHOLE;

  encode({ start, size }: Interval): void {
    const unit = this.#range >> SHIFT;
    this.#low += unit * BigInt(start);
    this.#range = unit * BigInt(size);
    if (this.#low >= WHOLE) this.#carry();
    for (; this.#range < LEAST; this.#range <<= 8n) this.#shift();
  }

  encodeByte(byte: number): void {
    this.encode(ofByte(byte));
  }

  /** The code, as short as it can be. */
  finish(): Uint8Array {
    let count = 0;
    let rest = LOW_BITS;
    // The number in the range that has the most zeros at its end.
    for (; ((this.#low + rest) & ~rest) >= this.#low + this.#range; rest >>= 8n) count++;
    this.#low = (this.#low + rest) & ~rest;
    if (this.#low >= WHOLE) this.#carry();
    for (; count > 0; count--) this.#shift();
    return this.#bytes.slice(0, this.#length);
  }

  #shift(): void {
    if (this.#length === this.#bytes.length) this.#bytes = grown(this.#bytes);
    this.#bytes[this.#length++] = Number(this.#low >> (BITS - 8n));
    this.#low = (this.#low << 8n) & LOW_BITS;
  }

  #carry(): void {
    this.#low &= LOW_BITS;
    let at = this.#length - 1;
    while (this.#bytes[at] === 255) this.#bytes[at--] = 0;
    this.#bytes[at]!++;
  }
}

export class RangeDecoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** The code, from the low end of the range on. */
  #offset = 0n;
  #range = WHOLE;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < BYTES; i++) this.#shift();
  }

  /** The number from 0 to TOTAL - 1 in whose interval the code is. Throws `invalid-file`. */
  peek(): number {
    const value = Number(this.#offset / (this.#range >> SHIFT));
    if (value < TOTAL) return value;
    throw new Gpt2Error('invalid-file', 'the compressed bytes hold a code that no text has');
  }

  /** Goes on after the interval in which the code is. Throws `invalid-file` if the code has ended before. */
  skip({ start, size }: Interval): void {
    const unit = this.#range >> SHIFT;
    this.#offset -= unit * BigInt(start);
    this.#range = unit * BigInt(size);
    for (; this.#range < LEAST; this.#range <<= 8n) this.#shift();
  }

  decodeByte(): number {
    const byte = Math.floor(this.peek() / (TOTAL / 256));
    this.skip(ofByte(byte));
    return byte;
  }

  #shift(): void {
    // An encoder leaves out zeros at the end, but never more than it had in work.
    if (this.#at >= this.#bytes.length + BYTES) {
      throw new Gpt2Error('invalid-file', 'the compressed bytes end too early');
    }
    this.#offset = (this.#offset << 8n) | BigInt(this.#bytes[this.#at++] ?? 0);
  }
}
