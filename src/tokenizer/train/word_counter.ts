import { grown } from '../../base/grown.js';
import { pieceEnd } from '../pretokenize/pretokenize.js';
import { byteKey, hashBytes, MOST_PROBES } from '../token_table.js';

/** Different words with their counts. The bytes of word i are bytes[starts[i], starts[i + 1]). */
export interface WordCounts {
  readonly bytes: Uint8Array;
  /** One entry more than there are words. */
  readonly starts: Int32Array;
  /** Whole numbers as doubles, exact for texts of up to 2^53 bytes. */
  readonly counts: Float64Array;
}

const utf8 = new TextEncoder();

/** Counts the words of texts: the pieces of GPT-2's split pattern, within which tokens are merged. */
export class WordCounter {
  #bytes = new Uint8Array(1 << 16);
  #starts = new Int32Array(1 << 12);
  #counts = new Float64Array(1 << 12);
  #hashes = new Int32Array(1 << 12);
  /** Open-addressing hash table of word + 1, 0 where a slot is free; at most half full. */
  #slots = new Int32Array(1 << 13);
  /** Words that found no slot free, by `byteKey`. */
  readonly #crowded = new Map<string, number>();
  #words = 0;

  /** Counts the words of a text, or of a part of one that ends where a word ends. */
  add(text: string): void {
    const bytes = utf8.encode(text);
    for (let start = 0, end = 0; start < bytes.length; start = end) {
      end = pieceEnd(bytes, start, bytes.length);
      this.#count(bytes, start, end);
    }
  }

  /** The words so far, in the order of their first occurrence. */
  get words(): WordCounts {
    const starts = this.#starts.slice(0, this.#words + 1);
    return {
      bytes: this.#bytes.slice(0, starts[this.#words]!),
      starts,
      counts: this.#counts.slice(0, this.#words),
    };
  }

  #count(bytes: Uint8Array, start: number, end: number): void {
    const hash = hashBytes(bytes, start, end);
    const mask = this.#slots.length - 1;
    let slot = mixed(hash) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const word = this.#slots[slot]! - 1;
      if (word === -1) {
        this.#slots[slot] = this.#words + 1;
        this.#append(bytes, start, end, hash);
        return;
      }
      if (this.#hashes[word] === hash && this.#equals(word, bytes, start, end)) {
        this.#counts[word]!++;
        return;
      }
      slot = (slot + 1) & mask;
    }
    const key = byteKey(bytes, start, end);
    const word = this.#crowded.get(key);
    if (word !== undefined) {
      this.#counts[word]!++;
      return;
    }
    this.#crowded.set(key, this.#words);
    this.#append(bytes, start, end, hash);
  }

  #equals(word: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#starts[word]!;
    if (this.#starts[word + 1]! - own !== end - start) return false;
    for (let i = start, j = own; i < end; i++, j++) {
      if (bytes[i] !== this.#bytes[j]) return false;
    }
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number, hash: number): void {
    const word = this.#words++;
    const from = this.#starts[word]!;
    const to = from + end - start;
    while (to > this.#bytes.length) this.#bytes = grown(this.#bytes);
    this.#bytes.set(bytes.subarray(start, end), from);
    if (word + 1 === this.#counts.length) {
      this.#starts = grown(this.#starts);
      this.#counts = grown(this.#counts);
      this.#hashes = grown(this.#hashes);
    }
    this.#starts[word + 1] = to;
    this.#counts[word] = 1;
    this.#hashes[word] = hash;
    if (2 * this.#words > this.#slots.length) this.#rehash();
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#counts.length);
    const mask = slots.length - 1;
    this.#crowded.clear();
    for (let word = 0; word < this.#words; word++) {
      let slot = mixed(this.#hashes[word]!) & mask;
      let probe = 0;
      while (slots[slot] !== 0 && ++probe < MOST_PROBES) slot = (slot + 1) & mask;
      if (probe < MOST_PROBES) slots[slot] = word + 1;
      else this.#crowded.set(byteKey(this.#bytes, this.#starts[word]!, this.#starts[word + 1]!), word);
    }
    this.#slots = slots;
  }
}

/** Mixes a hash: the low bits of FNV-1a depend on few bits of the last bytes, the high ones on all. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 15);
}
