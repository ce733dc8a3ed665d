import { throwIfAborted } from '../../../base/errors.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';

/** Sentences that are scored together before progress is reported. */
const TOGETHER = 64;

/**
 * ln p of each sentence after the token that begins a text. Progress counts sentences. A sentence that is longer than
 * the context is scored in windows with a stride of half of it. Throws `invalid-option` if no token of the model begins
 * a text.
 */
export async function sentenceLogprobs(
  model: AnyModel,
  sentences: readonly Prompt[],
  { signal, onProgress }: Work,
): Promise<Float64Array> {
  const total = sentences.length;
  const stride = Math.ceil(model.config.contextLength / 2);
  const logprobs = new Float64Array(total);
  for (let done = 0; done < total; done += TOGETHER) {
    throwIfAborted(signal, 'scoring sentences');
    const part = sentences.slice(done, done + TOGETHER);
    const scores = await model.score(part, { start: true, stride, signal });
    logprobs.set(
      scores.map(({ sum }) => sum),
      done,
    );
    onProgress?.({ done: done + part.length, total });
  }
  return logprobs;
}

/** Two sentences that are compared. */
export type SentencePair = readonly [first: Prompt, second: Prompt];

/** ln p of both sentences of a pair. */
export interface PairLogprobs {
  readonly first: number;
  readonly second: number;
}

/** ln p of the sentences of pairs; see `sentenceLogprobs`. */
export async function pairLogprobs(
  model: AnyModel,
  pairs: readonly SentencePair[],
  work: Work,
): Promise<PairLogprobs[]> {
  const logprobs = await sentenceLogprobs(model, pairs.flat() as Prompt[], work);
  return pairs.map((_, i) => ({ first: logprobs[2 * i]!, second: logprobs[2 * i + 1]! }));
}
