import type { Batch } from '../../core/training/batch.js';
import type { ExampleRows } from '../data/example_batches.js';
import { floatsOf, idsOf, joined, type TextRules } from '../data/example_numbers.js';
import type { PrefixExample } from './prefix_data.js';

/** How examples become batches. */
export interface PrefixBatchShape extends Pick<TextRules, 'tokenizer' | 'vocabSize' | 'length'> {
  /** B: examples of a batch. */
  readonly rows: number;
  /** Token that ends each text. */
  readonly endTokenId: number;
  /** P: vectors before a text. */
  readonly vectors: number;
  /** D: numbers of the features. */
  readonly featureCount: number;
}

/** An example in numbers. */
interface PrefixRow {
  readonly ids: readonly number[];
  readonly features: Float32Array;
}

/** Batches of features and texts. */
export function prefixRows(shape: PrefixBatchShape): ExampleRows<PrefixExample, PrefixRow> {
  const { rows, vectors, featureCount } = shape;
  const text: TextRules = { ...shape, before: vectors, what: `${vectors} vectors` };
  return {
    rows,
    wanted: '{ features, text }',
    row: (example) => ({
      features: floatsOf('features', example.features, featureCount, 'mapper'),
      ids: idsOf(example, text),
    }),
    batch: (rows) => batchOf(rows, shape),
  };
}

/** Rows of equal length: vectors, a text, and tokens that have no target. The last vector predicts the first token. */
function batchOf(rows: readonly PrefixRow[], { vectors, endTokenId }: PrefixBatchShape): Batch {
  const length = vectors + Math.max(...rows.map(({ ids }) => ids.length));
  const tokens = new Int32Array(rows.length * length).fill(endTokenId);
  const targets = new Int32Array(rows.length * length).fill(-1);
  rows.forEach(({ ids }, row) => {
    const start = row * length;
    tokens.fill(-1, start, start + vectors).set(ids, start + vectors);
    targets.set([...ids, endTokenId], start + vectors - 1);
  });
  return {
    batch: rows.length,
    length,
    tokens,
    targets,
    features: joined(rows.map(({ features }) => features)),
  };
}
