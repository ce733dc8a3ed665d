import { invalidOption } from '../../../base/check_options.js';
import { throwIfAborted } from '../../../base/errors.js';
import { exp } from '../../../base/exact_math.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { idsOfTexts } from '../../ids_of.js';

/** Sentences that are scored together before progress is reported. */
const TOGETHER = 64;

/**
 * The likelihood of each sentence as StereoSet's program computes it for GPT-2: 2 ** (mean of log2 p) over its tokens,
 * the first after the token that begins a text, the others without that token. Progress counts sentences.
 */
export async function sentenceLikelihoods(
  model: AnyModel,
  sentences: readonly Prompt[],
  { signal, onProgress }: Work,
): Promise<Float64Array> {
  const total = sentences.length;
  const found = new Float64Array(total);
  const firsts = new Map<number, number>();
  for (let done = 0; done < total; done += TOGETHER) {
    throwIfAborted(signal, 'scoring sentences');
    const part = await idsOfSentences(model, sentences.slice(done, done + TOGETHER), signal);
    await addFirsts(model, part, firsts, signal);
    const longer = part.filter((ids) => ids.length > 1);
    const rests = longer.length === 0 ? [] : await model.score(longer, { start: false, signal });
    let at = 0;
    for (const [i, ids] of part.entries()) {
      const rest = ids.length > 1 ? rests[at++]!.sum : 0;
      found[done + i] = exp((firsts.get(ids[0]!)! + rest) / ids.length);
    }
    onProgress?.({ done: done + part.length, total });
  }
  return found;
}

async function idsOfSentences(
  model: AnyModel,
  sentences: readonly Prompt[],
  signal: AbortSignal | undefined,
): Promise<(readonly number[])[]> {
  const texts = sentences.filter((sentence) => typeof sentence === 'string');
  const encoded = texts.length === 0 ? [] : await idsOfTexts(model, texts, { signal });
  let at = 0;
  return sentences.map((sentence) => {
    const ids = typeof sentence === 'string' ? encoded[at++]! : Array.from(sentence);
    if (ids.length === 0) throw invalidOption('a sentence', sentence, 'a text, or one or more token ids');
    return ids;
  });
}

/** Adds ln p, after the token that begins a text, of the first tokens that are not there yet. */
async function addFirsts(
  model: AnyModel,
  sentences: readonly (readonly number[])[],
  firsts: Map<number, number>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const missing = [...new Set(sentences.map(([first]) => first!))].filter((id) => !firsts.has(id));
  if (missing.length === 0) return;
  const scores = await model.score(
    missing.map((id) => [id]),
    { start: true, signal },
  );
  for (const [i, id] of missing.entries()) firsts.set(id, scores[i]!.sum);
}
