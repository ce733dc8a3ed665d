import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Batch } from '../../core/training/batch.js';
import { type Curriculum, checkCurriculum, documentOrder, rowOrder } from './curriculum.js';
import { arrangeRows, checkBorders, checkLayout, NO_TARGET, type RowLayout, type Rows } from './rows.js';
import { checkDocuments, type TokenDocuments } from './token_documents.js';

/** Rows whose arrays are filled anew for each batch. */
export interface FilledBatch extends Batch {
  /** B x T token ids. */
  readonly tokens: Int32Array;
  /** B x T target ids; -1 for a token without a target. */
  readonly targets: Int32Array;
  /** B x T positions at which documents begin, if the batch has document borders. */
  readonly starts?: Int32Array | undefined;
}

/** How documents are put into batches. */
export interface BatchShape {
  /** How documents fill rows. */
  readonly layout: RowLayout;
  /** B: rows of a batch. */
  readonly rows: number;
  /** T: tokens of a row. */
  readonly length: number;
  /** Token id after each document. */
  readonly endOfText: number;
  /** Whether tokens of packed rows attend to those of their document alone. Default false. */
  readonly documentBorders?: boolean;
  /** Order of the documents in the first epoch of training. Without one, every epoch is shuffled. */
  readonly curriculum?: Curriculum | undefined;
}

/** A position in the data: `row` rows of epoch `epoch` are done. */
export interface DataPosition {
  /** Epochs that are done, from 0. */
  readonly epoch: number;
  /** Rows of this epoch that are done. */
  readonly row: number;
}

/**
 * Endless batches for training. Each epoch has all rows once, in an order that is a function of seed and
 * epoch: from any position the same batches follow. A batch may begin in one epoch and end in the next. The
 * arrays of a batch are valid until the next one is taken.
 */
export class TrainingBatches {
  /** Rows in an epoch. */
  readonly rowsPerEpoch: number;
  readonly #documents: TokenDocuments;
  readonly #shape: BatchShape;
  readonly #seed: number;
  readonly #batch: FilledBatch;
  #epoch: number;
  #row: number;
  #rows: Rows;
  #order: Int32Array;

  /** Throws `invalid-option` for a position that these documents do not have. */
  constructor(
    documents: TokenDocuments,
    shape: BatchShape,
    seed: number,
    position: DataPosition = { epoch: 0, row: 0 },
  ) {
    checkOptionNames('TrainingBatches', position, ['epoch', 'row']);
    const { epoch, row } = position;
    checkDocuments(documents);
    checkShape(shape);
    checkNumber('seed', seed, whole(0));
    checkNumber('epoch', epoch, whole(0, MOST_EPOCHS));
    checkNumber('row', row, whole(0));
    this.#documents = documents;
    this.#shape = shape;
    this.#seed = seed;
    this.#batch = emptyBatch(shape);
    this.#epoch = epoch;
    this.#row = row;
    this.#rows = this.#arrange();
    this.#order = this.#shuffle();
    this.rowsPerEpoch = this.#rows.count;
    if (row > this.rowsPerEpoch) {
      throw new Gpt2Error(
        'invalid-option',
        `the position is row ${row} of an epoch, but the data gives ${this.rowsPerEpoch} rows; ` +
          'resume with the data, context length and tokenizer that were used before',
      );
    }
  }

  /** Position of the next batch, from which a new TrainingBatches continues. */
  get position(): DataPosition {
    return { epoch: this.#epoch, row: this.#row };
  }

  /** The next batch. Its arrays are filled anew by the next call. */
  next(): FilledBatch {
    const { rows } = this.#shape;
    for (let i = 0; i < rows; i++) {
      if (this.#row === this.#rows.count) {
        this.#epoch++;
        this.#row = 0;
        this.#rows = this.#arrange();
        this.#order = this.#shuffle();
      }
      fillRow(this.#rows, this.#order[this.#row++]!, this.#batch, i);
    }
    return this.#batch;
  }

  /** Orders the documents anew in each epoch, so that packed rows join different ones. */
  #arrange(): Rows {
    const { layout, length, endOfText, curriculum } = this.#shape;
    const order = documentOrder(this.#documents, this.#seed, this.#epoch, curriculum);
    return arrangeRows(this.#documents, order, layout, length, endOfText);
  }

  #shuffle(): Int32Array {
    return rowOrder(this.#rows.count, this.#seed, this.#epoch, this.#shape.curriculum);
  }
}

/**
 * All rows once, in the order of the data. The last batch is filled up with rows without targets. The arrays
 * of a batch are valid until the next one is taken.
 */
export function* validationBatches(documents: TokenDocuments, shape: BatchShape): Generator<FilledBatch> {
  checkDocuments(documents);
  checkShape(shape);
  const { layout, rows, length, endOfText } = shape;
  const order = Int32Array.from(documents.starts, (_, i) => i);
  const all = arrangeRows(documents, order, layout, length, endOfText);
  const batch = emptyBatch(shape);
  for (let row = 0; row < all.count; row += rows) {
    batch.tokens.fill(endOfText);
    batch.targets.fill(NO_TARGET);
    batch.starts?.fill(0);
    for (let i = 0; i < rows && row + i < all.count; i++) fillRow(all, row + i, batch, i);
    yield batch;
  }
}

/** Writes a row of the data to row `to` of a batch. */
function fillRow(
  rows: Rows,
  row: number,
  { tokens, targets, starts, length }: FilledBatch,
  to: number,
): void {
  rows.fill(row, tokens, targets, to * length);
  if (starts !== undefined) rows.fillStarts(row, starts, to * length);
}

/** Limit of the epoch: each has two of the 2^32 random streams, and the first stream splits the documents. */
const MOST_EPOCHS = 2 ** 31 - 2;

/** Limit of the tokens in a batch, above what fits into the memory of training. */
const MOST_TOKENS = 2 ** 24;

const SHAPE_NAMES = ['layout', 'rows', 'length', 'endOfText', 'documentBorders', 'curriculum'];

function checkShape(shape: BatchShape): void {
  checkOptionNames('BatchShape', shape, SHAPE_NAMES);
  const { layout, rows, length, endOfText, documentBorders } = shape;
  checkLayout(layout);
  checkBorders(documentBorders, layout);
  checkCurriculum(shape.curriculum);
  checkNumber('rows', rows, whole(1, MOST_TOKENS));
  checkNumber('length', length, [
    (value) => Number.isInteger(value) && value >= 1 && rows * value <= MOST_TOKENS,
    `a whole number from 1, with rows times length at most ${MOST_TOKENS}`,
  ]);
  checkNumber('endOfText', endOfText, whole(0, 2 ** 31 - 1));
}

function emptyBatch({ rows, length, documentBorders }: BatchShape): FilledBatch {
  return {
    batch: rows,
    length,
    tokens: new Int32Array(rows * length),
    targets: new Int32Array(rows * length),
    ...(documentBorders && { starts: new Int32Array(rows * length) }),
  };
}
