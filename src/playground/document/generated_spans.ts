import type { Change } from './tokenized_text.js';

/** A part of the text that one generation wrote. */
export interface GeneratedSpan {
  /** Offsets of its first character, and after its last. */
  readonly from: number;
  readonly to: number;
  /** Whether the generation ended with an end-of-text token. */
  readonly hasEnded: boolean;
}

/** A span after a change of the text; `undefined` if the change touches it, since it is then partly typed. */
export function moved(span: GeneratedSpan, { at, removed, added }: Change): GeneratedSpan | undefined {
  if (at >= span.to) return span;
  if (at + removed > span.from) return undefined;
  const by = added.length - removed;
  return { ...span, from: span.from + by, to: span.to + by };
}

/** End of the generated text that contains `offset` or begins there; `offset` if there is none. */
export function endOfGenerated(spans: readonly GeneratedSpan[], offset: number): number {
  let end = offset;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (from <= end && to > end) end = to;
  }
  return end;
}
