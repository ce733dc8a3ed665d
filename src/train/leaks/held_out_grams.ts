import type { TokenDocuments } from '../data/token_documents.js';
import { eachGram, GramTable } from '../grams/gram_table.js';

/** Tokens of a sequence that is looked for. */
export const GRAM_TOKENS = 13;
/** Limit of the held-out tokens that are compared. */
const MOST_TOKENS = 2 ** 22;

/** A held-out document of which something was found. */
export interface Found {
  /** Number of the held-out document. */
  readonly document: number;
  /** Number of the training document in which most of it was found first. */
  readonly source: number;
  /** Share of its sequences that were found. */
  readonly share: number;
}

/** The sequences of 13 tokens of held-out documents, and where training documents have them. */
export class HeldOutGrams {
  /** Number of held-out documents that are compared, the first ones. */
  readonly checked: number;
  readonly #documents: TokenDocuments;
  readonly #table = new GramTable();
  /** Of each sequence the first training document that has it + 1, or 0. */
  readonly #sources: Int32Array;

  constructor(documents: TokenDocuments) {
    const { tokens, starts, ends } = documents;
    this.#documents = documents;
    let checked = 0;
    let most = 0;
    while (checked < starts.length && most < MOST_TOKENS) {
      most += ends[checked]! - starts[checked]!;
      checked++;
    }
    this.checked = checked;
    most = Math.min(most, MOST_TOKENS);
    this.#table.reset(tokens, GRAM_TOKENS, most);
    for (let i = 0; i < checked; i++) {
      eachLearnedGram(documents, i, (hash, at) => {
        if (this.#table.size === most) return false;
        return this.#table.add(hash, at) >= 0;
      });
    }
    this.#sources = new Int32Array(this.#table.size);
  }

  /** Looks for the sequences in a training document. */
  look(training: TokenDocuments, document: number): void {
    eachLearnedGram(training, document, (hash, at) => {
      const gram = this.#table.find(hash, training.tokens, at);
      if (gram !== -1 && this.#sources[gram] === 0) this.#sources[gram] = document + 1;
      return true;
    });
  }

  /** The held-out documents of which at least one sequence was found. */
  *found(): Generator<Found> {
    for (let document = 0; document < this.checked; document++) {
      const counts = new Map<number, number>();
      let [all, hits, source] = [0, 0, -1];
      eachLearnedGram(this.#documents, document, (hash, at) => {
        const gram = this.#table.find(hash, this.#documents.tokens, at);
        if (gram === -1) return false;
        all++;
        const found = this.#sources[gram]! - 1;
        if (found === -1) return true;
        hits++;
        counts.set(found, (counts.get(found) ?? 0) + 1);
        if (source === -1 || counts.get(found)! > counts.get(source)!) source = found;
        return true;
      });
      if (hits > 0) yield { document, source, share: hits / all };
    }
  }
}

/** Calls `visit` for each sequence of 13 tokens in a document whose last token is learned, until it returns false. */
function eachLearnedGram(
  { tokens, starts, ends, learned }: TokenDocuments,
  document: number,
  visit: (hash: number, at: number) => boolean,
): void {
  const start = Math.max(starts[document]!, learned[document]! + 1 - GRAM_TOKENS);
  eachGram(tokens, start, ends[document]!, GRAM_TOKENS, visit);
}
