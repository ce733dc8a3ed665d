import fc from 'fast-check';
import type { Batch } from '../../src/core/training/batch.js';
import { randomSource } from './random.js';

/** Lengths of the documents of each sequence of a batch: `most` tokens at the most, the same number in all. */
export const packings = (most: number, lengths: fc.Arbitrary<number>, rows = 2) =>
  fc
    .record({
      length: fc.integer({ min: 1, max: most }),
      documents: fc.array(fc.array(lengths, { minLength: 1 }), { minLength: 1, maxLength: rows }),
    })
    .map(({ length, documents }) => documents.map((row) => filled(row, length)));

/** The first documents of some, repeated, that fill `length` tokens; the last one is cut. */
function filled(documents: readonly number[], length: number): number[] {
  const row: number[] = [];
  for (let left = length, i = 0; left > 0; left -= row.at(-1)!, i++) {
    row.push(Math.min(left, documents[i % documents.length]!));
  }
  return row;
}

/** A batch whose documents begin where others end. */
export interface PackedBatch extends Batch {
  readonly starts: readonly number[];
}

/** Random tokens in documents of these lengths; the first has a target, and about three quarters of the others. */
export function packedBatch(
  documents: readonly (readonly number[])[],
  vocabSize: number,
  seed: number,
): PackedBatch {
  const random = randomSource(seed);
  const starts = documents.flatMap((row) => {
    let begin = 0;
    return row.flatMap((length) => {
      const own = Array.from({ length }, () => begin);
      begin += length;
      return own;
    });
  });
  return {
    ...{ batch: documents.length, length: starts.length / documents.length, starts },
    tokens: starts.map(() => random.below(vocabSize)),
    targets: starts.map((_, i) => (i === 0 || random.below(4) ? random.below(vocabSize) : -1)),
  };
}

/** The documents of a batch in their order, each in a sequence of its own. */
export function documentsOf({ length, tokens, targets, starts }: PackedBatch): Batch[] {
  const documents: { tokens: number[]; targets: number[] }[] = [];
  for (let i = 0; i < starts.length; i++) {
    if (starts[i] === i % length) documents.push({ tokens: [], targets: [] });
    documents.at(-1)!.tokens.push(tokens[i]!);
    documents.at(-1)!.targets.push(targets[i]!);
  }
  return documents.map((ids) => ({ batch: 1, length: ids.tokens.length, ...ids }));
}
