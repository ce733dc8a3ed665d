import { Gpt2Error } from '../../base/errors.js';
import type { Batch } from '../../core/training/batch.js';
import type { Teacher } from './teacher.js';

/** Consecutive tokens of a batch that begin a text. */
export interface BatchText {
  /** Number of its first token in the batch. */
  readonly first: number;
  readonly tokens: readonly number[];
}

/**
 * Fills the rows of a tile with the mean of the teachers' distributions after tokens `firstRow`.. of a batch. Rows of
 * tokens without a target are left as they are. Throws `runtime` if a teacher cannot compute.
 */
export async function writeMeans(
  teachers: readonly Teacher[],
  batch: Batch,
  texts: readonly BatchText[],
  firstRow: number,
  rows: readonly Float32Array[],
): Promise<void> {
  for (const [number, teacher] of teachers.entries()) {
    for (const text of texts) {
      const wanted = (index: number) => batch.targets[text.first + index]! >= 0;
      let from = Math.max(0, firstRow - text.first);
      let to = Math.min(text.tokens.length, firstRow + rows.length - text.first);
      while (from < to && !wanted(from)) from++;
      while (from < to && !wanted(to - 1)) to--;
      if (from >= to) continue;
      await computed(() =>
        teacher.read(text.tokens, from, to, (distribution, index) => {
          if (wanted(index)) add(rows[text.first + index - firstRow]!, distribution, number, teachers.length);
        }),
      );
    }
  }
}

/** The texts of a batch, each of which a teacher reads from its beginning: sequences, or their documents. */
export function textsOf({ batch, length, tokens, starts }: Batch): BatchText[] {
  const texts: { first: number; tokens: number[] }[] = [];
  for (let i = 0; i < batch * length; i++) {
    if (i % length === 0 || starts?.[i] === i % length) texts.push({ first: i, tokens: [] });
    texts.at(-1)!.tokens.push(tokens[i]!);
  }
  return texts;
}

/** Adds the distribution of teacher `number` of `count` to a mean, which is complete after the last one. */
function add(mean: Float32Array, distribution: Float32Array, number: number, count: number): void {
  if (number === 0) mean.set(distribution);
  else for (let i = 0; i < mean.length; i++) mean[i]! += distribution[i]!;
  if (count > 1 && number === count - 1) for (let i = 0; i < mean.length; i++) mean[i]! /= count;
}

/** Errors of a teacher end the run: a part of the batch's gradients is added already. */
async function computed(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Gpt2Error) || error.code === 'disposed') throw error;
    throw new Gpt2Error('runtime', `a teacher cannot compute: ${error.message}`, { cause: error });
  }
}
