import { BYTE_SYMBOLS } from '../bpe/byte_alphabet.js';
import { PairQueue } from './pair_queue.js';
import { PairTable } from './pair_table.js';
import type { WordCounts } from './word_counter.js';

/** Separates words: no pair contains it. */
const BOUNDARY = -1;
/** In place of a symbol that was merged into the previous one. */
const REMOVED = -2;

/** A vocabulary without special tokens, in GPT-2's byte alphabet. */
export interface LearnedMerges {
  /**
   * By id: the 256 bytes in the order of their symbols, then the results of merges in the order of learning.
   */
  readonly tokens: string[];
  /** By rank: "left right". */
  readonly merges: string[];
}

/** How many tokens have been learned. */
export interface LearnStep {
  /** Tokens so far. */
  readonly done: number;
  /** Tokens wanted. */
  readonly total: number;
}

/**
 * Trains byte-pair encoding (Sennrich et al. 2016) on words of bytes: repeatedly, the most frequent pair of
 * neighbouring tokens becomes a token. Of equally frequent pairs the one with the lower left id is taken,
 * then the one with the lower right id, as in Hugging Face's BpeTrainer. Ends at `size` tokens, or if no pair
 * occurs at least `minFrequency` times. A step takes time in proportion to the places that it changes, so
 * that the total is about linear in the words' bytes.
 *
 * Two merges can make the same text; they share its token. Yields its progress from time to time, so that the
 * caller can report it and stop.
 */
export function* learnMerges(
  words: WordCounts,
  size: number,
  minFrequency: number,
): Generator<LearnStep, LearnedMerges> {
  const text = new WordText(words);
  const tokens: string[] = BYTE_SYMBOLS.slice().sort();
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = new Set<string>();
  while (tokens.length < size) {
    const pair = text.mostFrequentPair(minFrequency);
    if (pair === -1) break;
    const left = tokens[text.pairs.left[pair]!]!;
    const right = tokens[text.pairs.right[pair]!]!;
    let id = ids.get(left + right);
    if (id === undefined) {
      id = tokens.length;
      tokens.push(left + right);
      ids.set(left + right, id);
    }
    // A pair can become frequent again after another merge makes one of its halves; its first rank is kept.
    merges.add(`${left} ${right}`);
    text.merge(pair, id);
    if (tokens.length % 256 === 0) yield { done: tokens.length, total: size };
  }
  return { tokens, merges: [...merges] };
}

/** All different words in one doubly linked list of token ids, with the counts and places of the pairs. */
class WordText {
  readonly pairs = new PairTable();
  readonly #queue = new PairQueue(this.pairs);
  readonly #ids: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By place: how often its word occurs. */
  readonly #weights: Float64Array;

  constructor({ bytes, starts, counts }: WordCounts) {
    const length = bytes.length + counts.length + 1;
    this.#ids = new Int32Array(length).fill(BOUNDARY);
    this.#weights = new Float64Array(length);
    this.#next = Int32Array.from({ length }, (_, i) => i + 1);
    this.#previous = Int32Array.from({ length }, (_, i) => i - 1);
    const idOfByte = byteIds();
    for (let word = 0, at = 1; word < counts.length; word++, at++) {
      for (let i = starts[word]!; i < starts[word + 1]!; i++, at++) {
        this.#ids[at] = idOfByte[bytes[i]!]!;
        this.#weights[at] = counts[word]!;
      }
    }
    for (let at = 0; at + 1 < length; at++) {
      if (this.#ids[at]! >= 0 && this.#ids[at + 1]! >= 0) {
        this.#add(this.#ids[at]!, this.#ids[at + 1]!, this.#weights[at]!, at);
      }
    }
    for (let pair = 0; pair < this.pairs.size; pair++) this.#queue.raise(pair);
  }

  /** Removes and returns the pair to merge next; -1 if none is frequent enough. */
  mostFrequentPair(minFrequency: number): number {
    const pair = this.#queue.next();
    return pair !== -1 && this.pairs.counts[pair]! >= minFrequency ? pair : -1;
  }

  /** Replaces a pair by one id, from left to right in each word, and counts the new pairs. */
  merge(pair: number, id: number): void {
    const { pairs } = this;
    const ids = this.#ids;
    const left = pairs.left[pair]!;
    const right = pairs.right[pair]!;
    const raised = new Set<number>();
    for (const at of pairs.takePlaces(pair)) {
      const second = this.#next[at]!;
      if (ids[at] !== left || ids[second] !== right) continue;
      const before = this.#previous[at]!;
      const after = this.#next[second]!;
      const weight = this.#weights[at]!;
      ids[at] = id;
      ids[second] = REMOVED;
      this.#next[at] = after;
      this.#previous[after] = at;
      if (ids[before]! >= 0) {
        pairs.counts[pairs.index(ids[before]!, left)]! -= weight;
        raised.add(this.#add(ids[before]!, id, weight, before));
      }
      if (ids[after]! >= 0) {
        pairs.counts[pairs.index(right, ids[after]!)]! -= weight;
        raised.add(this.#add(id, ids[after]!, weight, at));
      }
    }
    pairs.counts[pair] = 0;
    for (const other of raised) this.#queue.raise(other);
  }

  #add(left: number, right: number, weight: number, place: number): number {
    const pair = this.pairs.index(left, right);
    this.pairs.counts[pair]! += weight;
    this.pairs.addPlace(pair, place);
    return pair;
  }
}

/** The id of each byte: the rank of its symbol in the byte alphabet. */
function byteIds(): Int32Array {
  const order = Array.from(BYTE_SYMBOLS, (_, byte) => byte).sort((a, b) =>
    BYTE_SYMBOLS[a]! < BYTE_SYMBOLS[b]! ? -1 : 1,
  );
  const ids = new Int32Array(256);
  order.forEach((byte, id) => {
    ids[byte] = id;
  });
  return ids;
}
