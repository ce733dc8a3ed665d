import { invalidOption } from '../../base/check_options.js';
import type { TokenDocuments } from './token_documents.js';

/** A target that counts for no loss. */
export const NO_TARGET = -1;

/**
 * How documents become rows: `packed` joins them by the end of text and cuts the stream into rows, `documents` begins
 * a row with each document.
 */
export type RowLayout = 'packed' | 'documents';

/** Throws `invalid-option` for what is no layout. */
export function checkLayout(layout: unknown): void {
  if (layout === 'packed' || layout === 'documents') return;
  throw invalidOption('layout', layout, "'packed' or 'documents'");
}

/** Rows of T tokens to evaluate with the T tokens that should follow. */
export interface Rows {
  readonly count: number;
  /** Writes row `row` to tokens[at, at + T) and targets[at, at + T). */
  fill(row: number, tokens: Int32Array, targets: Int32Array, at: number): void;
}

/** A stretch of the joined text: end of text, documents each with an end of text after them. */
class JoinedText {
  readonly #documents: TokenDocuments;
  readonly #order: Int32Array;
  readonly #end: number;
  /** Where each document of the order begins in the joined text, and at last where the text ends. */
  readonly #places: Float64Array;

  constructor(documents: TokenDocuments, order: Int32Array, endOfText: number) {
    this.#documents = documents;
    this.#order = order;
    this.#end = endOfText;
    this.#places = new Float64Array(order.length + 1);
    this.#places[0] = 1;
    order.forEach((document, i) => {
      const length = documents.ends[document]! - documents.starts[document]!;
      this.#places[i + 1] = this.#places[i]! + length + 1;
    });
  }

  /** Where the document at a place of the order begins; past the last one, where the text ends. */
  placeOf(index: number): number {
    return this.#places[index]!;
  }

  /** Writes the tokens from `from` and the tokens that follow them, up to `to`; end of text and no targets after it. */
  fill(from: number, to: number, length: number, tokens: Int32Array, targets: Int32Array, at: number): void {
    const { starts, ends, learned, tokens: ids } = this.#documents;
    tokens.fill(this.#end, at, at + length);
    targets.fill(NO_TARGET, at, at + length);
    let index = this.#indexAt(from + 1);
    tokens[at] = this.#tokenAt(from);
    for (let place = from + 1; place < to; index++) {
      const document = this.#order[index]!;
      const first = this.#places[index]!;
      const stop = Math.min(to, this.#places[index + 1]!);
      for (; place < stop; place++) {
        const source = starts[document]! + place - first;
        const isEnd = source === ends[document]!;
        const id = isEnd ? this.#end : ids[source]!;
        const parameter = at + place - from;
        if (source >= learned[document]!) targets[parameter - 1] = id;
        if (place - from < length) tokens[parameter] = id;
      }
    }
  }

  #tokenAt(place: number): number {
    if (place === 0) return this.#end;
    const index = this.#indexAt(place);
    const document = this.#order[index]!;
    const source = this.#documents.starts[document]! + place - this.#places[index]!;
    return source === this.#documents.ends[document]! ? this.#end : this.#documents.tokens[source]!;
  }

  /** The document of the order that holds a place, its end of text included. */
  #indexAt(place: number): number {
    let low = 0;
    let high = this.#order.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#places[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/**
 * The rows of documents in an order, for a context of `length` tokens. Every learned token and every end of text is
 * the target of exactly one row; what is missing in a row is filled with ends of text. Of `documents` rows those without
 * a target are left out.
 */
export function arrangeRows(
  documents: TokenDocuments,
  order: Int32Array,
  layout: RowLayout,
  length: number,
  endOfText: number,
): Rows {
  const text = new JoinedText(documents, order, endOfText);
  const whole = text.placeOf(order.length);
  if (layout === 'packed') {
    return {
      // A row reads one token beyond its last, so that rows overlap by one.
      count: Math.ceil((whole - 1) / length),
      fill: (row, tokens, targets, at) =>
        text.fill(row * length, Math.min(whole, (row + 1) * length + 1), length, tokens, targets, at),
    };
  }
  const from: number[] = [];
  const to: number[] = [];
  order.forEach((document, i) => {
    const end = text.placeOf(i + 1);
    const learned = text.placeOf(i) + documents.learned[document]! - documents.starts[document]!;
    for (let start = text.placeOf(i) - 1; start + 1 < end; start += length) {
      const stop = Math.min(end, start + length + 1);
      if (stop <= learned) continue;
      from.push(start);
      to.push(stop);
    }
  });
  return {
    count: from.length,
    fill: (row, tokens, targets, at) => text.fill(from[row]!, to[row]!, length, tokens, targets, at),
  };
}
