import { eachText } from '../generate/each_text.js';
import type { Work } from '../model/remote_models.js';
import type { Score } from '../score/score.js';
import type { AnyModel } from './any_model.js';

/** Token ids whose tokens from index `from`, at least 1, on are scored. */
export interface Part {
  readonly ids: readonly number[];
  readonly from: number;
}

/**
 * Scores parts without a start token; several are evaluated together. Yields the scores in order. Progress counts
 * scored tokens.
 */
export async function* scoreParts(
  model: AnyModel,
  parts: readonly Part[],
  { signal, onProgress }: Work,
): AsyncGenerator<Score, void> {
  const total = parts.reduce((sum, { ids, from }) => sum + ids.length - from, 0);
  let done = 0;
  const scores = eachText(
    parts,
    ({ ids }) => ids,
    signal,
    ({ ids, from }) => model.score(ids, { start: false, from, signal }),
  );
  for await (const score of scores) {
    done += score.logprobs.length;
    onProgress?.({ done, total });
    yield score;
  }
}
