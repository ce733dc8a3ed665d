import type { TokenDocuments } from '../data/token_documents.js';
import { documentHash, firstEquals, isSameDocument } from '../duplicates/exact_duplicates.js';
import { KeyIndex } from '../grams/key_index.js';
import { type Found, GRAM_TOKENS } from './held_out_grams.js';

/** Held-out documents that are too short for a sequence of 13 tokens, and the training documents equal to them. */
export class ShortDocuments {
  readonly #documents: TokenDocuments;
  /** Of each document the first that is equal to it. */
  readonly #first: Int32Array;
  /** Short documents without those that are equal to earlier ones. */
  readonly #index: KeyIndex;
  /** Of each held-out document the first training document that is equal to it + 1, or 0. */
  readonly #sources: Int32Array;

  /** `count`: number of the first held-out documents that are compared. */
  constructor(documents: TokenDocuments, count: number) {
    this.#documents = documents;
    this.#first = firstEquals(documents).subarray(0, count);
    this.#index = new KeyIndex(count);
    this.#sources = new Int32Array(count);
    this.#first.forEach((first, i) => {
      if (first === i && isShort(documents, i)) this.#index.add(documentHash(documents, i), i);
    });
  }

  /** Looks at a training document; false if it is no short one. */
  look(training: TokenDocuments, document: number): boolean {
    if (!isShort(training, document)) return false;
    const key = documentHash(training, document);
    for (let found = this.#index.find(key); found !== -1; found = this.#index.find(key, found)) {
      if (this.#sources[found] !== 0) continue;
      if (isSameDocument(this.#documents, found, training, document)) this.#sources[found] = document + 1;
    }
    return true;
  }

  /** The held-out documents that a training document is equal to. */
  *found(): Generator<Found> {
    for (const [document, first] of this.#first.entries()) {
      const source = this.#sources[first]! - 1;
      if (source !== -1) yield { document, source, share: 1 };
    }
  }
}

function isShort({ starts, ends, learned }: TokenDocuments, document: number): boolean {
  const length = ends[document]! - starts[document]!;
  return length < GRAM_TOKENS && learned[document]! < ends[document]!;
}
