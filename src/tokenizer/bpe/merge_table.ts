import { Gpt2Error } from '../../base/errors.js';
import type { Texts } from '../texts.js';
import { MOST_PROBES, quote, type TokenTable, tableCapacity } from '../token_table.js';
import { writeSymbolBytes } from './byte_alphabet.js';

/** The rank of a pair that does not merge: above the ranks of all merges. */
export const NO_MERGE = 0x7fffffff;

/** In place of a slot if none is free. */
export const NO_SLOT = -1;

/** Separates the two tokens of a merge. */
const SPACE = 0x20;

/** The ranks of all pairs of token ids that merge, and the tokens that they become. */
export class MergeTable {
  /** By rank: the pair and its result. */
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #result: Int32Array;
  /** Open-addressing hash table of ranks + 1, 0 where a slot is free. */
  readonly #slots: Int32Array;
  /** Ranks of pairs that found no slot free, by `pairKey`. */
  readonly #crowded = new Map<string, number>();

  /**
   * `entries` are in the order of their ranks, each "left right" in the byte alphabet; `position(i)` names
   * entry i in a message. Of two entries for one pair the later counts, as in Hugging Face tokenizers. Throws
   * `invalid-file` for an entry that is no pair of tokens or whose result is no token.
   */
  constructor(tokens: TokenTable, entries: Texts, position: (index: number) => string) {
    this.#left = new Int32Array(entries.length);
    this.#right = new Int32Array(entries.length);
    this.#result = new Int32Array(entries.length);
    this.#slots = new Int32Array(tableCapacity(entries.length));
    const units = new Uint16Array(entries.longest);
    const bytes = new Uint8Array(entries.longest);
    for (let rank = 0; rank < entries.length; rank++) {
      const problem = this.#add(tokens, rank, units, entries.units(rank, units), bytes);
      if (problem !== undefined) {
        const entry = quote(entries.at(rank));
        throw new Gpt2Error('invalid-file', `${position(rank)}: the merge ${entry} ${problem}`);
      }
    }
  }

  /** Adds the merge of one rank, whose text is units[0, count). Returns the problem if it is invalid. */
  #add(
    tokens: TokenTable,
    rank: number,
    units: Uint16Array,
    count: number,
    bytes: Uint8Array,
  ): string | undefined {
    let space = 0;
    while (space < count && units[space] !== SPACE) space++;
    const middle = writeSymbolBytes(units, 0, space, bytes, 0);
    const end = writeSymbolBytes(units, space + 1, count, bytes, middle);
    if (middle <= 0 || end <= middle) return 'is not two tokens';
    const left = tokens.find(bytes, 0, middle);
    if (left === -1) return 'has a first part that is not in the vocabulary';
    const right = tokens.find(bytes, middle, end);
    if (right === -1) return 'has a second part that is not in the vocabulary';
    // Most vocabularies number tokens in the order of their merges.
    const next = rank === 0 ? -1 : this.#result[rank - 1]! + 1;
    const isNext = next > 0 && next < tokens.size && tokens.equals(next, bytes, 0, end);
    const result = isNext ? next : tokens.find(bytes, 0, end);
    if (result === -1) return 'makes a token that is not in the vocabulary';
    this.#left[rank] = left;
    this.#right[rank] = right;
    this.#result[rank] = result;
    const slot = this.#slotOf(left, right);
    if (slot === NO_SLOT) this.#crowded.set(pairKey(left, right), rank);
    else this.#slots[slot] = rank + 1;
    return undefined;
  }

  /** The rank of merging two ids; NO_MERGE if they do not merge. */
  rank(left: number, right: number): number {
    const slot = this.#slotOf(left, right);
    if (slot === NO_SLOT) return this.#crowded.get(pairKey(left, right)) ?? NO_MERGE;
    const rank = this.#slots[slot]! - 1;
    return rank === -1 ? NO_MERGE : rank;
  }

  /** The number of ranks. */
  get size(): number {
    return this.#left.length;
  }

  /** The ids that the merge of this rank joins. */
  pair(rank: number): readonly [left: number, right: number] {
    return [this.#left[rank]!, this.#right[rank]!];
  }

  /** The id that a merge of this rank makes. */
  result(rank: number): number {
    return this.#result[rank]!;
  }

  /** The slot of a pair, or the free slot for it; NO_SLOT if all slots that it may use are taken. */
  #slotOf(left: number, right: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashPair(left, right) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const rank = this.#slots[slot]! - 1;
      if (rank === -1) return slot;
      // Bitwise in place of &&: V8 would deoptimize when the second operand is first reached, during loading.
      if (((this.#left[rank]! ^ left) | (this.#right[rank]! ^ right)) === 0) return slot;
      slot = (slot + 1) & mask;
    }
    return NO_SLOT;
  }
}

export function hashPair(left: number, right: number): number {
  const product = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
  return product ^ (product >>> 15);
}

/** A key of a `Map` for a pair; different for different pairs. */
export function pairKey(left: number, right: number): string {
  return `${left},${right}`;
}
