import { createRules } from './create_rules.js';
import type { Filtered } from './filter.js';
import { judge } from './judge.js';
import type { FilterModel } from './prompt_classifier.js';
import type { ResolvedFilter } from './resolved_filter.js';
import { sentencesOf } from './sentences.js';

/** A whole text as a filter leaves it. */
export interface Moderated {
  /** Up to the first sentence that a rule stops: there is nothing to retry in a given text. */
  readonly text: string;
  readonly filtered: readonly Filtered[];
}

/** Judges each sentence of a given text. `model`: for classifiers with prompts. */
export async function moderate(
  text: string,
  filter: ResolvedFilter,
  model?: FilterModel,
): Promise<Moderated> {
  const rules = await createRules(filter, model);
  const filtered: Filtered[] = [];
  let result = '';
  for (const sentence of sentencesOf(text)) {
    const judged = await judge(rules, sentence, { text: result, index: 0, retries: 0 });
    filtered.push(...judged.filtered);
    if (judged.action === 'stop' || judged.action === 'retry') break;
    result += judged.text;
  }
  return { text: result, filtered };
}
