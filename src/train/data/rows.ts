import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { partitionPoint } from '../../base/partition_point.js';
import type { TokenDocuments } from './token_documents.js';

/** Target of a token that has no loss. */
export const NO_TARGET = -1;

/**
 * How documents become rows: `packed` joins them with end-of-text tokens between them and cuts the result
 * into rows; `documents` starts a new row for each document.
 */
export type RowLayout = 'packed' | 'documents';

/** Throws `invalid-option` if `layout` is not a RowLayout. */
export function checkLayout(layout: unknown): void {
  if (layout === 'packed' || layout === 'documents') return;
  throw invalidOption('layout', layout, "'packed' or 'documents'");
}

/** Throws `invalid-option` if `documentBorders` is not a boolean, and if rows of this layout have no borders. */
export function checkBorders(documentBorders: unknown, layout: RowLayout): void {
  if (documentBorders === undefined || documentBorders === false) return;
  if (documentBorders !== true) throw invalidOption('documentBorders', documentBorders, 'true or false');
  if (layout === 'packed') return;
  throw new Gpt2Error(
    'invalid-option',
    `documentBorders is for the layout 'packed'; with '${layout}', each row has one document`,
  );
}

/** Rows of T tokens, each token with the one that follows it as its target. */
export interface Rows {
  readonly count: number;
  /** Writes a row to tokens[at, at + T) and targets[at, at + T). */
  fill(row: number, tokens: Int32Array, targets: Int32Array, at: number): void;
  /**
   * Writes to starts[at, at + T), for each token of a row, the column at which its document begins: with the end-of-text
   * token before it, which predicts its first token, or at 0 if it began in the row before.
   */
  fillStarts(row: number, starts: Int32Array, at: number): void;
}

/** Documents in an order, joined: an end-of-text token, then each document followed by one. */
class JoinedText {
  readonly #documents: TokenDocuments;
  readonly #order: Int32Array;
  readonly #end: number;
  /** Index of each document's first token in the joined text, then the length of the text. */
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

  /**
   * Index of the first token of the document at a place of the order; after the last one, the length of the
   * text.
   */
  placeOf(index: number): number {
    return this.#places[index]!;
  }

  /**
   * Writes a row of `length` tokens: those from `from` on, with targets up to `to`, exclusive. The rest of
   * the row is end-of-text tokens without targets.
   */
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
        const column = at + place - from;
        if (source >= learned[document]!) targets[column - 1] = id;
        if (place - from < length) tokens[column] = id;
      }
    }
  }

  /** Writes the column at which the document of each of the `length` tokens from `from` on begins. */
  fillStarts(from: number, length: number, starts: Int32Array, at: number): void {
    let index = this.#indexAt(from + 1);
    let begin = 0;
    for (let column = 0; column < length; column++) {
      if (from + column + 1 === this.#places[index + 1]) {
        begin = column;
        index++;
      }
      starts[at + column] = begin;
    }
  }

  #tokenAt(place: number): number {
    if (place === 0) return this.#end;
    const index = this.#indexAt(place);
    const document = this.#order[index]!;
    const source = this.#documents.starts[document]! + place - this.#places[index]!;
    return source === this.#documents.ends[document]! ? this.#end : this.#documents.tokens[source]!;
  }

  /** Place in the order of the document that a token belongs to, as the end-of-text token after it does. */
  #indexAt(place: number): number {
    return partitionPoint(1, this.#order.length, (index) => this.#places[index]! <= place) - 1;
  }
}

/**
 * Arranges documents, in an order, in rows of `length` tokens. Each token with a loss, and each end-of-text
 * token after a document, is a target exactly once. Rows are filled up with end-of-text tokens. With the
 * layout `documents`, rows without a target are left out.
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
      // The last target of a row is the first token of the next one.
      count: Math.ceil((whole - 1) / length),
      fill: (row, tokens, targets, at) =>
        text.fill(row * length, Math.min(whole, (row + 1) * length + 1), length, tokens, targets, at),
      fillStarts: (row, starts, at) => text.fillStarts(row * length, length, starts, at),
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
    fillStarts: (row, starts, at) => text.fillStarts(from[row]!, length, starts, at),
  };
}
