import type { Bytes } from '../../../base/bytes.js';
import { cutOffJpeg, damagedJpeg } from './damaged.js';
import { type HuffmanTable, LOOKUP_BITS } from './huffman.js';

/** Reads the bits of a scan, which ends at a marker or the end of the file. Behind its end come zeros. */
export class BitReader {
  /** The last `#count` bits have been read from the file, not yet by the caller. */
  #buffer = 0;
  #count = 0;
  /** Bits of zeros that were added behind the end. */
  #added = 0;

  readonly file: Bytes;
  /** The position of the next byte. */
  position: number;

  constructor(file: Bytes, position: number) {
    this.file = file;
    this.position = position;
  }

  /** Makes at least 25 bits available. */
  #fill(): void {
    const { file } = this;
    while (this.#count <= 24) {
      const byte = file[this.position];
      if (byte === undefined || (byte === 0xff && file[this.position + 1] !== 0)) {
        this.#buffer <<= 8;
        this.#added += 8;
      } else {
        this.#buffer = (this.#buffer << 8) | byte;
        this.position += byte === 0xff ? 2 : 1;
      }
      this.#count += 8;
    }
  }

  /** The next bits as a number; at most 16. */
  bits(count: number): number {
    if (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#buffer >> this.#count) & ((1 << count) - 1);
  }

  /** The next symbol of a Huffman code. */
  symbol(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const found = table.lookup[(this.#buffer >> (this.#count - LOOKUP_BITS)) & ((1 << LOOKUP_BITS) - 1)]!;
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 255;
    }
    const next = (this.#buffer >> (this.#count - 16)) & 0xffff;
    for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
      if (next >= table.limits[length]!) continue;
      this.#count -= length;
      return table.symbols[(next >> (16 - length)) + table.offsets[length]!]!;
    }
    this.check();
    throw damagedJpeg('its data has an unknown Huffman code');
  }

  /** The next difference or coefficient of `size` bits; a first bit of 0 makes it negative. */
  signed(size: number): number {
    if (size === 0) return 0;
    const value = this.bits(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Throws `invalid-file` if bits behind the end were read. */
  check(): void {
    if (this.#added <= this.#count) return;
    const isEnd = this.position + 1 >= this.file.length || this.file[this.position + 1] === 0xd9;
    throw isEnd ? cutOffJpeg('within its pixels') : damagedJpeg('a scan ends too early');
  }

  /** Goes behind the next restart marker, of which the scan has one after each interval. */
  restart(): void {
    this.check();
    const marker = this.skipToMarker();
    if (marker === undefined) throw cutOffJpeg('within its pixels');
    if (marker < 0xd0 || marker > 0xd7) throw damagedJpeg('a restart marker is missing');
    this.position += 2;
    this.#count = 0;
    this.#added = 0;
  }

  /** Goes to the next marker and returns its code; `undefined` at the end of the file. */
  skipToMarker(): number | undefined {
    const { file } = this;
    for (; this.position + 1 < file.length; this.position++) {
      const code = file[this.position + 1]!;
      if (file[this.position] === 0xff && code !== 0 && code !== 0xff) return code;
    }
    return undefined;
  }
}
