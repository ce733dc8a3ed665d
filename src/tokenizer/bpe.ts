import { Gpt2Error } from '../errors.js';
import { mergeLong } from './merge_heap.js';
import { type MergeTable, NO_MERGE } from './merge_table.js';
import { pieceEnd } from './pretokenize.js';
import { hashBytes, type TokenTable } from './token_table.js';
import { MAX_CACHED_BYTES, WordCache } from './word_cache.js';

/** Up to this many bytes, scanning for the lowest rank beats a heap. */
const MAX_SCANNED_BYTES = 128;

/** Byte-level byte-pair encoding (Sennrich et al. 2016; over bytes: Radford et al. 2019). */
export class BytePairEncoder {
  readonly #merges: MergeTable;
  /** The token of each single byte; the unknown token, or -1, where the vocabulary has none. */
  readonly #byteIds: Int32Array;
  readonly #cache = new WordCache();
  readonly #ids = new Int32Array(MAX_SCANNED_BYTES);
  readonly #ranks = new Int32Array(MAX_SCANNED_BYTES);

  constructor(tokens: TokenTable, merges: MergeTable, unknownId: number | undefined) {
    this.#merges = merges;
    this.#byteIds = Int32Array.from({ length: 256 }, (_, byte) => {
      const id = tokens.find(Uint8Array.of(byte), 0, 1);
      return id === -1 ? (unknownId ?? -1) : id;
    });
  }

  /** Appends the ids of a text, well-formed UTF-8, to `out`. */
  encode(bytes: Uint8Array, out: number[]): void {
    for (let start = 0, end = 0; start < bytes.length; start = end) {
      end = pieceEnd(bytes, start, bytes.length);
      if (end - start > MAX_CACHED_BYTES) {
        this.#encodePiece(bytes, start, end, out);
        continue;
      }
      const hash = hashBytes(bytes, start, end);
      if (this.#cache.read(bytes, start, end, hash, out)) continue;
      const firstId = out.length;
      this.#encodePiece(bytes, start, end, out);
      this.#cache.write(bytes, start, end, hash, out, firstId);
    }
  }

  #encodePiece(bytes: Uint8Array, start: number, end: number, out: number[]): void {
    const length = end - start;
    const ids = length <= MAX_SCANNED_BYTES ? this.#ids : new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const id = this.#byteIds[bytes[start + i]!]!;
      if (id === -1) throw missingByte(bytes[start + i]!);
      ids[i] = id;
    }
    const count =
      length <= MAX_SCANNED_BYTES ? this.#mergeShort(length) : mergeLong(ids, length, this.#merges);
    for (let i = 0; i < count; i++) out.push(ids[i]!);
  }

  /** What mergeLong does, for #ids[0, count), by scanning the ranks of all pairs for the lowest. */
  #mergeShort(count: number): number {
    const ids = this.#ids;
    const ranks = this.#ranks;
    const merges = this.#merges;
    for (let i = 0; i + 1 < count; i++) ranks[i] = merges.rank(ids[i]!, ids[i + 1]!);
    for (let left = count; left > 1; left--) {
      let lowest = NO_MERGE;
      let at = 0;
      for (let i = 0; i + 1 < left; i++) {
        if (ranks[i]! < lowest) {
          lowest = ranks[i]!;
          at = i;
        }
      }
      if (lowest === NO_MERGE) return left;
      ids[at] = merges.result(lowest);
      for (let i = at + 1; i + 1 < left; i++) {
        ids[i] = ids[i + 1]!;
        ranks[i] = ranks[i + 1]!;
      }
      if (at > 0) ranks[at - 1] = merges.rank(ids[at - 1]!, ids[at]!);
      if (at + 2 < left) ranks[at] = merges.rank(ids[at]!, ids[at + 1]!);
    }
    return 1;
  }
}

function missingByte(byte: number): Gpt2Error {
  const hex = byte.toString(16).toUpperCase().padStart(2, '0');
  return new Gpt2Error(
    'invalid-option',
    `the text has the byte 0x${hex} in its UTF-8, for which this tokenizer has neither a token nor an unknown token`,
  );
}
