import type { TokenDocuments } from '../data/token_documents.js';
import { KeyIndex } from '../grams/key_index.js';
import { type Bands, bandsFor, MinHash } from './min_hash.js';
import type { DeduplicateOptions } from './options.js';
import { Shingles, spansOf } from './shingles.js';

/** A document that was kept, and how similar another one is to it. */
export interface NearDocument {
  readonly document: number;
  /** Jaccard similarity of the shingles; the lower one of those of prompt and completion. */
  readonly similarity: number;
}

/**
 * Documents that are no near-duplicates of each other, found by locality-sensitive hashing (Indyk and Motwani
 * 1998) of MinHash signatures. No text and no signature is kept: for each document, 12 to 16 bytes a band
 * and 12 more.
 */
export class NearIndex {
  /** Pairs of documents whose shingles were compared. */
  compared = 0;
  readonly #documents: TokenDocuments;
  readonly #threshold: number;
  readonly #shape: Bands;
  readonly #signature: MinHash;
  readonly #bands: KeyIndex[];
  /** Prompt and completion of the document being added. */
  readonly #parts: readonly [Shingles, Shingles];
  /** Different shingles of prompt and completion of each document. */
  readonly #sizes: Int32Array;
  /** The latest document to which each was a candidate, + 1. */
  readonly #candidates: Int32Array;

  constructor(documents: TokenDocuments, { threshold, shingle }: Required<DeduplicateOptions>) {
    const count = documents.starts.length;
    this.#documents = documents;
    this.#threshold = threshold;
    this.#shape = bandsFor(threshold);
    this.#signature = new MinHash(this.#shape);
    this.#bands = Array.from({ length: this.#shape.bands }, () => new KeyIndex(count));
    this.#parts = [new Shingles(shingle), new Shingles(shingle)];
    this.#sizes = new Int32Array(2 * count);
    this.#candidates = new Int32Array(count);
  }

  /** The earliest document of the index that is a near-duplicate of `document`; without any, adds `document`. */
  findOrAdd(document: number): NearDocument | undefined {
    const spans = spansOf(this.#documents, document);
    this.#signature.reset();
    this.#parts.forEach((shingles, part) => {
      shingles.set(spans[part]!);
      shingles.sign(this.#signature, part);
    });
    const keys = this.#bands.map((_, band) => this.#signature.key(band));
    for (const candidate of this.#candidatesOf(document, keys)) {
      const similarity = this.#similarity(candidate);
      if (similarity >= this.#threshold) return { document: candidate, similarity };
    }
    this.#parts.forEach((shingles, part) => {
      this.#sizes[2 * document + part] = shingles.size;
    });
    this.#bands.forEach((band, i) => {
      band.add(keys[i]!, document);
    });
    return undefined;
  }

  /** The documents that agree with a document in all rows of a band, in order. */
  #candidatesOf(document: number, keys: readonly number[]): number[] {
    const found: number[] = [];
    this.#bands.forEach((band, i) => {
      const key = keys[i]!;
      for (let other = band.find(key); other !== -1; other = band.find(key, other)) {
        if (this.#candidates[other] === document + 1) continue;
        this.#candidates[other] = document + 1;
        found.push(other);
      }
    });
    return found.sort((a, b) => a - b);
  }

  /** Similarity of the document being added to another one. */
  #similarity(other: number): number {
    this.compared++;
    const spans = spansOf(this.#documents, other);
    const [prompt, completion] = this.#parts.map((shingles, part) =>
      shingles.similarity(spans[part]!, this.#sizes[2 * other + part]!, this.#threshold),
    );
    return Math.min(prompt!, completion!);
  }
}
