import type { TokenDocuments } from '../data/token_documents.js';
import { eachGram, GramTable, spread } from '../grams/gram_table.js';
import type { MinHash } from './min_hash.js';

/** Tokens [start, end) of documents. */
export interface Span {
  readonly tokens: Int32Array;
  readonly start: number;
  readonly end: number;
}

/** Prompt and completion of a document; the prompt of plain text has no tokens. */
export function spansOf({ tokens, starts, ends, learned }: TokenDocuments, document: number): [Span, Span] {
  const middle = learned[document]!;
  return [
    { tokens, start: starts[document]!, end: middle },
    { tokens, start: middle, end: ends[document]! },
  ];
}

/** The set of shingles of a span: its n-grams of tokens, or the whole of a shorter one. */
export class Shingles {
  readonly #length: number;
  readonly #table = new GramTable();
  /** The latest span in which each shingle was found. */
  #marks = new Int32Array(0);
  #span = 0;

  /** `length`: tokens of a shingle. */
  constructor(length: number) {
    this.#length = length;
  }

  /** Number of different shingles. */
  get size(): number {
    return this.#table.size;
  }

  /** Takes the shingles of a span in place of those before. */
  set(span: Span): void {
    const most = span.end - span.start;
    this.#table.reset(span.tokens, this.#lengthIn(span), most);
    this.#each(span, (hash, at) => this.#table.add(hash, at) >= 0);
    this.#marks = new Int32Array(this.#table.size);
    this.#span = 0;
  }

  /** Adds the shingles to a signature; the same ones under another `salt` are others. */
  sign(signature: MinHash, salt: number): void {
    for (let i = 0; i < this.#table.size; i++) {
      signature.add(spread(this.#table.hash(i) ^ spread(this.#table.length ^ salt)));
    }
  }

  /**
   * Jaccard similarity to the shingles of another span, `size` different ones: those in common as a share of
   * all. 1 for two empty spans, and 0 as soon as it cannot reach `least`.
   */
  similarity(other: Span, size: number, least: number): number {
    if (this.size === 0 && size === 0) return 1;
    if (Math.min(this.size, size) / Math.max(this.size, size) < least) return 0;
    if (this.#lengthIn(other) !== this.#table.length) return 0;
    const needed = (least * (this.size + size)) / (1 + least);
    let left = other.end - other.start - this.#table.length + 1;
    let common = 0;
    this.#span++;
    this.#each(other, (hash, at) => {
      const shingle = this.#table.find(hash, other.tokens, at);
      if (shingle !== -1 && this.#marks[shingle] !== this.#span) {
        this.#marks[shingle] = this.#span;
        common++;
      }
      return common + --left >= needed - 1e-6;
    });
    const similarity = common / (this.size + size - common);
    return similarity >= least ? similarity : 0;
  }

  #each(span: Span, visit: (hash: number, at: number) => boolean): void {
    if (span.end > span.start) eachGram(span.tokens, span.start, span.end, this.#lengthIn(span), visit);
  }

  #lengthIn({ start, end }: Span): number {
    return Math.min(this.#length, end - start);
  }
}
