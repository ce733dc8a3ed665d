import type { Encoder } from '../encoder.js';
import { pieceEnd } from '../pretokenize/pretokenize.js';
import { hashBytes, type TokenTable } from '../token_table.js';
import { mergeLong } from './merge_heap.js';
import { type MergeTable, NO_MERGE } from './merge_table.js';
import { MAX_CACHED_BYTES, WordCache } from './word_cache.js';

/** Up to this many bytes, scanning for the lowest rank is faster than a heap. */
const MAX_SCANNED_BYTES = 128;

/** In place of the token of a byte that has none: the byte becomes the unknown token, or is left out. */
const UNKNOWN = -1;
const NONE = -2;

/** Rules besides the merges; see the fields of the same names in `TokenizerParts`. */
interface PieceRules {
  readonly unknownTokenId: number | undefined;
  readonly fuseUnknown: boolean;
  readonly ignoreMerges: boolean;
}

/** Byte-level byte-pair encoding (Sennrich et al. 2016; over bytes: Radford et al. 2019). */
export class BytePairEncoder implements Encoder {
  readonly #tokens: TokenTable;
  readonly #merges: MergeTable;
  /** The token of each single byte; UNKNOWN or NONE if the vocabulary has none. */
  readonly #byteIds: Int32Array;
  readonly #rules: PieceRules;
  /** The most bytes that one id can stand for. */
  readonly #mostBytes: number;
  readonly #cache = new WordCache();
  readonly #ids = new Int32Array(MAX_SCANNED_BYTES);
  readonly #ranks = new Int32Array(MAX_SCANNED_BYTES);

  constructor(tokens: TokenTable, merges: MergeTable, rules: PieceRules) {
    this.#tokens = tokens;
    this.#merges = merges;
    this.#rules = rules;
    const lacking = rules.unknownTokenId === undefined ? NONE : UNKNOWN;
    this.#byteIds = Int32Array.from({ length: 256 }, (_, byte) => {
      const id = tokens.find(Uint8Array.of(byte), 0, 1);
      return id === -1 ? lacking : id;
    });
    const longest = tokens.starts.reduce((most, start, id) => Math.max(most, tokens.ends[id]! - start), 1);
    // Any number of bytes without a token may become one id, or none.
    const mayVanish = (lacking === NONE || rules.fuseUnknown) && this.#byteIds.includes(lacking);
    this.#mostBytes = mayVanish ? Number.POSITIVE_INFINITY : longest;
  }

  encode(bytes: Uint8Array, out: number[], most: number): boolean {
    for (let start = 0, end = 0; start < bytes.length; start = end) {
      if (out.length > most) return false;
      end = pieceEnd(bytes, start, bytes.length);
      if (out.length + (end - start) / this.#mostBytes > most) return false;
      if (end - start > MAX_CACHED_BYTES) {
        this.#encodePiece(bytes, start, end, out, most);
        continue;
      }
      const hash = hashBytes(bytes, start, end);
      if (this.#cache.read(bytes, start, end, hash, out)) continue;
      const firstId = out.length;
      // The cache needs all ids of a piece.
      this.#encodePiece(bytes, start, end, out, Number.POSITIVE_INFINITY);
      this.#cache.write(bytes, start, end, hash, out, firstId);
    }
    return out.length <= most;
  }

  /** Appends the ids of a piece, but of more than `most` only one more. */
  #encodePiece(bytes: Uint8Array, start: number, end: number, out: number[], most: number): void {
    const { unknownTokenId, fuseUnknown, ignoreMerges } = this.#rules;
    if (ignoreMerges) {
      const whole = this.#tokens.find(bytes, start, end);
      if (whole !== -1) {
        out.push(whole);
        return;
      }
    }
    const isShort = end - start <= MAX_SCANNED_BYTES;
    const ids = isShort ? this.#ids : new Int32Array(end - start);
    let length = 0;
    let before = NONE;
    for (let i = start; i < end; i++) {
      const id = this.#byteIds[bytes[i]!]!;
      if (id >= 0) ids[length++] = id;
      else if (id === UNKNOWN && !(fuseUnknown && before === UNKNOWN)) ids[length++] = unknownTokenId!;
      before = id;
    }
    if (length === 0) return;
    const count = isShort ? this.#mergeShort(length) : mergeLong(ids, length, this.#merges);
    for (let i = 0; i < count && out.length <= most; i++) out.push(ids[i]!);
  }

  /** As mergeLong, for #ids[0, count), by scanning the ranks of all pairs for the lowest. */
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
