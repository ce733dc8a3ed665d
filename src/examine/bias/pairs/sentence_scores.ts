import { invalidOption } from '../../../base/check_options.js';
import { throwIfAborted } from '../../../base/errors.js';
import { eachText } from '../../../generate/each_text.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import { isTexts } from '../../../score/texts.js';
import type { AnyModel } from '../../any_model.js';
import { withName } from '../../with_name.js';

/**
 * ln p of each sentence after the token that begins a text. Progress counts sentences. A sentence that is longer than
 * the context is scored in windows with a stride of half of it. Throws `invalid-option` if no token of the model begins
 * a text; `aborted`.
 */
export async function sentenceLogprobs(
  model: AnyModel,
  sentences: readonly Prompt[],
  work: Work,
): Promise<Float64Array> {
  const stride = Math.ceil(model.config.contextLength / 2);
  const options = { start: true, stride, signal: work.signal };
  return eachSentence(sentences, work, async (sentence) => (await model.score(sentence, options)).sum);
}

/**
 * A number of each sentence; those that fill the model's batches are under way together. Progress counts sentences.
 * Throws `invalid-option` for an empty sentence, and what `numberOf` throws with the index of the sentence.
 */
export async function eachSentence(
  sentences: readonly Prompt[],
  { signal, onProgress }: Work,
  numberOf: (sentence: Prompt) => Promise<number>,
): Promise<Float64Array> {
  for (const [index, sentence] of sentences.entries()) {
    // A list of texts would have a list of scores.
    if (!(sentence?.length > 0) || isTexts(sentence))
      throw invalidOption(
        `sentence ${index}`,
        sentence,
        'a text that is not empty, or one or more token ids',
      );
  }
  const total = sentences.length;
  const numbers = new Float64Array(total);
  const run = async (sentence: Prompt, index: number) => {
    try {
      return await numberOf(sentence);
    } catch (error) {
      throw withName(error, `sentence ${index}`);
    }
  };
  let done = 0;
  for await (const number of eachText(sentences, (sentence) => sentence, signal, run)) {
    numbers[done++] = number;
    onProgress?.({ done, total });
  }
  throwIfAborted(signal, 'scoring sentences');
  return numbers;
}

/** ln p of the two sentences of each pair, by their names; see `sentenceLogprobs`. */
export async function pairLogprobs<N extends string>(
  model: AnyModel,
  pairs: readonly Readonly<Record<N, Prompt>>[],
  [first, second]: readonly [N, N],
  work: Work,
): Promise<Record<N, number>[]> {
  const sentences = pairs.flatMap((pair) => [pair[first], pair[second]]);
  const logprobs = await sentenceLogprobs(model, sentences, work);
  return pairs.map(
    (_, i) => ({ [first]: logprobs[2 * i]!, [second]: logprobs[2 * i + 1]! }) as Record<N, number>,
  );
}
