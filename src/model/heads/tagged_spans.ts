import { spanOf } from '../../tokenizer/text_spans.js';
import type { TokenTexts } from '../../tokenizer/token_texts.js';
import type { TaggedSpan, TaggedToken } from './types.js';

/** A label without `B-` or `I-`, and whether it begins a span. */
function partsOf(label: string): { readonly label: string; readonly begins: boolean } {
  const [, prefix, name] = /^([BI])-(.*)$/s.exec(label) ?? [];
  return { label: name ?? label, begins: prefix === 'B' };
}

/** Runs of tokens with one label, but for labels to `ignore`; `I-X` after another label than X begins a span too. */
export function taggedSpans(
  tokens: readonly TaggedToken[],
  texts: TokenTexts,
  ignore: readonly string[],
): TaggedSpan[] {
  const spans: TaggedSpan[] = [];
  let first = 0;
  for (let end = 1; end <= tokens.length; end++) {
    const { label } = partsOf(tokens[first]!.label);
    const next = tokens[end] && partsOf(tokens[end]!.label);
    if (next?.label === label && !next.begins) continue;
    let sum = 0;
    for (let i = first; i < end; i++) sum += tokens[i]!.score;
    if (!ignore.includes(label))
      spans.push({ label, score: sum / (end - first), ...spanOf(texts, first, end - first) });
    first = end;
  }
  return spans;
}
