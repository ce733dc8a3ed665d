import { NO_MERGE } from '../../bpe/merge_table.js';

/** Ids are below 2^20, so that a pair is exact in a double. */
const IDS = 2 ** 20;

/** The ranks of the pairs of tokens that merge, and the tokens that they become. */
export class PairTable {
  readonly #ranks = new Map<number, number>();
  readonly #results: number[] = [];

  /** Adds the merge of the next rank. Of two for one pair the later counts. */
  add(left: number, right: number, result: number): void {
    this.#ranks.set(left * IDS + right, this.#results.length);
    this.#results.push(result);
  }

  /** The rank of merging two ids; NO_MERGE if they do not merge. */
  rank(left: number, right: number): number {
    return this.#ranks.get(left * IDS + right) ?? NO_MERGE;
  }

  /** The id that a merge of this rank makes. */
  result(rank: number): number {
    return this.#results[rank]!;
  }
}
