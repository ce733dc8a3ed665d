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
 * Scores parts without a start token; several are evaluated together, and few are in memory at a time. Yields the
 * scores in order. Progress counts scored tokens; the parts have `total` of them.
 */
export async function* scoreParts(
  model: AnyModel,
  parts: Iterable<Part>,
  total: number,
  { signal, onProgress }: Work,
): AsyncGenerator<Score, void> {
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
