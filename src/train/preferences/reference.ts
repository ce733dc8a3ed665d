import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { type AnswerRow, answerBatch, rowSums } from './answer_rows.js';
import type { Preference } from './encode_preferences.js';

/** Progress of the computation of log-probabilities under the model that a run starts from. */
export interface ReferenceProgress {
  /** Answers that are done. */
  readonly done: number;
  /** All answers of the run. */
  readonly total: number;
}

/**
 * ln p of each answer given its prompt, with the weights that the core has: two for each preference, in order. Throws
 * `aborted`, and `runtime` if a number is not finite.
 */
export async function referenceLogProbabilities(
  core: TrainCore,
  preferences: readonly Preference[],
  padTokenId: number,
  {
    signal,
    onProgress,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: ReferenceProgress) => void) | undefined;
  },
): Promise<number[]> {
  const rows = preferences.flatMap(({ answers }) => answers);
  const numbers: number[] = new Array(rows.length);
  const total = rows.length;
  // Rows of similar length together have little to fill up.
  const order = rows.map((_, i) => i).sort((a, b) => rows[b]!.ids.length - rows[a]!.ids.length || a - b);
  for (let done = 0; done < total; done += core.shape.batch) {
    await nextTask();
    throwIfAborted(signal, 'computing log-probabilities');
    onProgress?.({ done, total });
    const some = order.slice(done, done + core.shape.batch);
    const batch = answerBatch(
      some.map((i): AnswerRow => rows[i]!),
      padTokenId,
    );
    await core.evaluate(batch);
    rowSums(batch, core.losses()).forEach((number, i) => {
      if (!Number.isFinite(number)) {
        throw new Gpt2Error(
          'runtime',
          `the model gives an answer the log-probability ${number}; it cannot be trained`,
        );
      }
      numbers[some[i]!] = number;
    });
  }
  onProgress?.({ done: total, total });
  return numbers;
}

/** Log-probabilities of a training state. Throws `invalid-file` unless there is a number for each answer. */
export function checkReference(reference: unknown, preferences: readonly Preference[]): void {
  const count = 2 * preferences.length;
  if (Array.isArray(reference) && reference.length === count && reference.every(Number.isFinite)) return;
  throw new Gpt2Error(
    'invalid-file',
    `the training state must have ${count} log-probabilities of the run's answers`,
  );
}
