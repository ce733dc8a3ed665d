import { quotedList, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Batch } from '../../core/training/batch.js';
import type { ExampleRows } from '../data/example_batches.js';
import { idsOf, type TextRules } from '../data/example_numbers.js';
import type { LabelledText } from './classifier_options.js';

/** How examples become batches. */
export interface ClassBatchShape extends Pick<TextRules, 'tokenizer' | 'vocabSize' | 'length'> {
  /** B: examples of a batch. */
  readonly rows: number;
  readonly labels: readonly string[];
  /** Fills rows up; a text is judged at its last other token. */
  readonly padTokenId: number;
}

/** An example in numbers. */
interface ClassRow {
  readonly ids: readonly number[];
  readonly label: number;
}

/** Batches of texts whose only target, the class, is at the last token that does not fill up. */
export function classRows(shape: ClassBatchShape): ExampleRows<LabelledText, ClassRow> {
  const { rows, labels, padTokenId } = shape;
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const rules: TextRules = { ...shape, before: 0, what: 'nothing' };
  return {
    rows,
    wanted: '{ text, label }',
    row(example) {
      const label = numbers.get(example.label);
      if (label === undefined) {
        const message = `label is ${show(example.label)}; the labels are ${quotedList(labels)}`;
        throw new Gpt2Error('invalid-option', message);
      }
      const ids = idsOf(example, rules);
      if (ids.length > 0) return { ids, label };
      throw new Gpt2Error('invalid-option', 'the text is empty; it must have a token');
    },
    batch: (rows) => batchOf(rows, padTokenId),
  };
}

function batchOf(rows: readonly ClassRow[], padTokenId: number): Batch {
  const length = Math.max(...rows.map(({ ids }) => ids.length));
  const tokens = new Int32Array(rows.length * length).fill(padTokenId);
  const targets = new Int32Array(rows.length * length).fill(-1);
  rows.forEach(({ ids, label }, row) => {
    tokens.set(ids, row * length);
    const last = ids.findLastIndex((id) => id !== padTokenId);
    targets[row * length + Math.max(0, last)] = label;
  });
  return { batch: rows.length, length, tokens, targets };
}
