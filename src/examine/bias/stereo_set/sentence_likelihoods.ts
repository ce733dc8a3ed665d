import { exp } from '../../../base/exact_math.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { idsOf } from '../../ids_of.js';
import { eachSentence } from '../pairs/sentence_scores.js';

/**
 * The likelihood of each sentence as StereoSet's program computes it for GPT-2: 2 ** (mean of log2 p) over its tokens,
 * the first after the token that begins a text, the others without that token. Progress counts sentences. Throws
 * `invalid-option`, `context-full` and `aborted`.
 */
export async function sentenceLikelihoods(
  model: AnyModel,
  sentences: readonly Prompt[],
  work: Work,
): Promise<Float64Array> {
  const { signal } = work;
  const firsts = new Map<number, Promise<number>>();
  /** ln p of a token after the token that begins a text; each is asked once. */
  const firstOf = (id: number): Promise<number> => {
    const asked = firsts.get(id) ?? model.score([id], { start: true, signal }).then(({ sum }) => sum);
    firsts.set(id, asked);
    return asked;
  };
  return eachSentence(sentences, work, async (sentence) => {
    const ids = await idsOf(model, sentence, { signal });
    const rest = ids.length > 1 ? (await model.score(ids, { start: false, signal })).sum : 0;
    return exp(((await firstOf(ids[0]!)) + rest) / ids.length);
  });
}
