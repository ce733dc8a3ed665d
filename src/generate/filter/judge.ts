import type { Rule } from './create_rules.js';
import type { FilterAction, FilterContext, Filtered } from './filter.js';

/** What a filter makes of a sentence. */
export interface Judgement {
  readonly action: 'allow' | FilterAction;
  /** The sentence as it may stand. */
  readonly text: string;
  readonly filtered: readonly Filtered[];
  /** With `retry`: how many times the sentence may be sampled again. */
  readonly retries: number;
}

/** Applies the rules one after the other, each to what the one before made of the sentence. */
export async function judge(
  rules: readonly Rule[],
  sentence: string,
  context: FilterContext,
): Promise<Judgement> {
  const filtered: Filtered[] = [];
  let text = sentence;
  for (const rule of rules) {
    const { action, text: next, findings } = await rule.judge(text, context);
    if (action === 'allow') continue;
    for (const finding of findings)
      filtered.push({ ...finding, action, sentence, start: context.text.length });
    if (action !== 'replace') return { action, text: '', filtered, retries: rule.retries };
    text = next;
  }
  return { action: filtered.length > 0 ? 'replace' : 'allow', text, filtered, retries: 0 };
}
