import { byteKey, hashBytes, MOST_PROBES, tableCapacity } from '../token_table.js';

/** Finds the id of a piece by its UTF-8. */
export class PieceTable {
  /** The bytes of all pieces; those of one are bytes[starts[id], starts[id + 1]). */
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  /** Bytes of the longest piece. */
  readonly longest: number;
  /** Open-addressing hash table of ids + 1, 0 where a slot is free. */
  readonly #slots: Int32Array;
  /** Ids that found no slot free, by `byteKey`. */
  readonly #crowded = new Map<string, number>();
  /** The first id whose piece another id has too, if there is one. */
  readonly repeated: number | undefined;

  /** `isListed(id)`: whether the piece is found by its bytes. */
  constructor(pieces: readonly string[], isListed: (id: number) => boolean) {
    const units = pieces.reduce((sum, { length }) => sum + length, 0);
    const bytes = new Uint8Array(3 * units);
    this.starts = new Int32Array(pieces.length + 1);
    this.#slots = new Int32Array(tableCapacity(pieces.length));
    const utf8 = new TextEncoder();
    let longest = 0;
    let end = 0;
    for (const [id, piece] of pieces.entries()) {
      const { written } = utf8.encodeInto(piece, bytes.subarray(end));
      longest = Math.max(longest, written);
      end += written;
      this.starts[id + 1] = end;
    }
    this.bytes = bytes.slice(0, end);
    this.longest = longest;
    for (let id = 0; id < pieces.length; id++) {
      if (isListed(id) && !this.#insert(id)) this.repeated ??= id;
    }
  }

  /** The id of the piece with exactly bytes[start, end), or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashBytes(bytes, start, end) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const id = slots[slot]! - 1;
      if (id === -1 || this.#equals(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return this.#crowded.get(byteKey(bytes, start, end)) ?? -1;
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.starts[id]!;
    if (this.starts[id + 1]! - own !== end - start) return false;
    for (let i = start, j = own; i < end; i++, j++) {
      if (bytes[i] !== this.bytes[j]) return false;
    }
    return true;
  }

  /** Adds a piece; returns false if there is one with the same bytes. */
  #insert(id: number): boolean {
    const start = this.starts[id]!;
    const end = this.starts[id + 1]!;
    if (this.find(this.bytes, start, end) !== -1) return false;
    const mask = this.#slots.length - 1;
    let slot = hashBytes(this.bytes, start, end) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      if (this.#slots[slot] === 0) {
        this.#slots[slot] = id + 1;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    this.#crowded.set(byteKey(this.bytes, start, end), id);
    return true;
  }
}
