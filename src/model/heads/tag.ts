import type { LoadedModel } from '../../generate/loaded_models.js';
import { type AnyPrompt, isPrefixed } from '../../generate/prefixed_prompt.js';
import { reasonWithoutText } from '../../tokenizer/reason_without_text.js';
import { tokenTexts } from '../../tokenizer/token_texts.js';
import { headRows } from './head_rows.js';
import { oneOrAll } from './one_or_all.js';
import { hiddenRows, placedText } from './placed_text.js';
import { largest, softmaxOf } from './probabilities.js';
import { taggedSpans } from './tagged_spans.js';
import { headOf } from './task_head.js';
import type { TaggedToken, Tagging, TagOptions } from './types.js';

/** Arguments of `tag`, which may cross to a worker. */
export interface TagArgs extends Omit<TagOptions, 'signal'> {
  readonly input: AnyPrompt | readonly AnyPrompt[];
}

/** As `BaseModel.tag`, where the model is. */
export async function tagHere(
  model: LoadedModel,
  { input, ignore = ['O'] }: TagArgs,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Tagging | Tagging[]> {
  const { head } = headOf(model.core, 'classifier');
  const { labels } = head;
  return oneOrAll(input, signal, async (text, stop) => {
    const placed = placedText(model, text);
    const states = await hiddenRows(model, placed, stop, { from: placed.vectors });
    const logits = await headRows(head, states, stop);
    const own = isPrefixed(text) ? text.text : text;
    const given = typeof own === 'string' && own !== '' ? own : undefined;
    const { texts, offsets, text: whole } = textsOf(model, placed.tokens, given);
    const tokens: TaggedToken[] = placed.tokens.map((id, i) => {
      const probabilities = softmaxOf(logits.subarray(i * labels.length, (i + 1) * labels.length));
      const best = largest(probabilities);
      const place = { text: texts[i]!, start: offsets[i]!, end: offsets[i + 1]! };
      return { id, label: labels[best]!, score: probabilities[best]!, ...place };
    });
    return { tokens, spans: taggedSpans(tokens, { text: whole, texts, offsets }, ignore), logits };
  });
}

/** The characters of tokens; none without a tokenizer. */
export function textsOf({ tokenizer }: LoadedModel, ids: readonly number[], given: string | undefined) {
  if (reasonWithoutText(tokenizer) === undefined) return tokenTexts(tokenizer, ids, given);
  return { text: '', texts: ids.map(() => ''), offsets: new Int32Array(ids.length + 1) };
}
