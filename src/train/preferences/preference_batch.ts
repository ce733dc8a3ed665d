import type { Batch } from '../../core/training/batch.js';
import type { ExampleRows } from '../data/example_batches.js';
import { answerBatch } from './answer_rows.js';
import type { Preference } from './encode_preferences.js';

/** Rows of preferences: both answers of each pair, or each judged answer. */
export interface PreferenceBatch extends Batch {
  readonly preferences: readonly Preference[];
}

/** Batches of `count` preferences. */
export function preferenceRows(
  count: number,
  rowsOf: (preference: Preference) => Preference['answers'][number][],
  padTokenId: number,
): ExampleRows<Preference, Preference> {
  return {
    rows: count,
    wanted: 'of a preference',
    row: (preference) => preference,
    batch: (preferences): PreferenceBatch => ({
      ...answerBatch(preferences.flatMap(rowsOf), padTokenId),
      preferences,
    }),
  };
}
