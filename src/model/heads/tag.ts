import type { Cancellation } from '../../base/cancellation.js';
import { allTexts } from '../../generate/each_text.js';
import type { LoadedModel } from '../../generate/loaded_models.js';
import type { Prompt } from '../../generate/prompt.js';
import { isTexts } from '../../score/texts.js';
import { reasonWithoutText } from '../../tokenizer/reason_without_text.js';
import { tokenTexts } from '../../tokenizer/token_texts.js';
import { headRows } from './head_rows.js';
import { hiddenRows, placedText } from './placed_text.js';
import { largest, softmaxOf } from './probabilities.js';
import { taggedSpans } from './tagged_spans.js';
import { headOf } from './task_head.js';
import type { TaggedToken, Tagging, TagOptions } from './types.js';

/** What `tag` passes on. */
export interface TagArgs extends Omit<TagOptions, 'signal'> {
  readonly input: Prompt | readonly Prompt[];
}

/** As `BaseModel.tag`, where the model is. */
export async function tagHere(
  model: LoadedModel,
  { input, ignore = ['O'] }: TagArgs,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Tagging | Tagging[]> {
  const { head } = headOf(model.core, 'classifier');
  const { labels } = head;
  const one = async (text: Prompt, both?: Cancellation) => {
    const placed = placedText(model, text);
    const logits = await headRows(head, await hiddenRows(model, placed, both ?? signal), both ?? signal);
    const given = typeof text === 'string' && text !== '' ? text : undefined;
    const { texts, offsets, text: whole } = textsOf(model, placed.tokens, given);
    const tokens: TaggedToken[] = placed.tokens.map((id, i) => {
      const probabilities = softmaxOf(logits.subarray(i * labels.length, (i + 1) * labels.length));
      const best = largest(probabilities);
      const place = { text: texts[i]!, start: offsets[i]!, end: offsets[i + 1]! };
      return { id, label: labels[best]!, score: probabilities[best]!, ...place };
    });
    return { tokens, spans: taggedSpans(tokens, { text: whole, texts, offsets }, ignore), logits };
  };
  return isTexts(input) ? allTexts(input, signal, one as never) : one(input);
}

/** The characters of tokens; none without a tokenizer. */
export function textsOf({ tokenizer }: LoadedModel, ids: readonly number[], given: string | undefined) {
  if (reasonWithoutText(tokenizer) === undefined) return tokenTexts(tokenizer, ids, given);
  return { text: '', texts: ids.map(() => ''), offsets: new Int32Array(ids.length + 1) };
}
