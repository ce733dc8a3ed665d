import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FilledBatch, TrainingBatches, validationBatches } from '../../../src/train/data/batches.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';

const END = 0;

/** Documents of one token repeated, 1, 2, and so on, so that a row says whose its tokens are. */
function repeated(lengths: readonly number[]) {
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b));
  const starts = Int32Array.from(ends, (end, i) => end - lengths[i]!);
  const tokens = Int32Array.from(lengths.flatMap((length, i) => Array.from({ length }, () => i + 1)));
  return { tokens, starts, ends: Int32Array.from(ends), learned: starts };
}

/** The columns at which documents begin, from the tokens of a row: an end-of-text token begins a document. */
function startsOf(row: readonly number[], isFiller: readonly boolean[]): number[] {
  let begin = 0;
  return row.map((token, column) => {
    if (token === END && !(column > 0 && isFiller[column - 1])) begin = column;
    return begin;
  });
}

function rowsOf({ tokens, targets, starts, length }: FilledBatch) {
  const cut = (ids: Int32Array, from: number) => Array.from(ids.subarray(from, from + length));
  return Array.from({ length: tokens.length / length }, (_, i) => ({
    tokens: cut(tokens, i * length),
    isFiller: cut(targets, i * length).map((target) => target === -1),
    starts: cut(starts!, i * length),
  }));
}

test('documents of a packed row begin with the end-of-text token before them, or with the row', () => {
  const random = randomSource(907);
  for (let round = 0; round < 100; round++) {
    const lengths = Array.from({ length: 1 + random.below(8) }, () => 1 + random.below(9));
    const shape = {
      layout: 'packed' as const,
      rows: 1 + random.below(4),
      length: 1 + random.below(20),
      endOfText: END,
    };
    const bordered = { ...shape, documentBorders: true } as const;
    const documents = repeated(lengths);
    const batches = new TrainingBatches(documents, bordered, round);
    const taken = Array.from({ length: 4 }, () => rowsOf(batches.next())).flat();
    for (const batch of validationBatches(documents, bordered)) taken.push(...rowsOf(batch));
    for (const { tokens, isFiller, starts } of taken) {
      // Rows that fill up the last batch have no document.
      if (isFiller.every(Boolean))
        assert.equal(
          starts,
          tokens.map(() => 0),
        );
      else assert.equal(starts, startsOf(tokens, isFiller), `${lengths}, ${tokens}`);
    }
  }
});

test('a batch has document borders if it is to, of packed rows alone', async () => {
  const shape = { layout: 'packed', rows: 1, length: 4, endOfText: END } as const;
  const documents = repeated([2, 3]);
  assert.not('starts' in new TrainingBatches(documents, { ...shape, documentBorders: false }, 1).next());
  for (const [wrong, words] of [
    [{ documentBorders: 'yes' as never }, 'documentBorders is "yes"; it must be true or false'],
    [{ documentBorders: true, layout: 'documents' }, "documentBorders is for the layout 'packed'"],
  ] as const) {
    const refused = { ...shape, ...wrong };
    await thrown(() => new TrainingBatches(documents, refused, 1), 'invalid-option', words);
    await thrown(() => [...validationBatches(documents, refused)], 'invalid-option', words);
  }
});

test.run();
