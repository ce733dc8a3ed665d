import type { Change } from './tokenized_text.js';

/** A part of the text that one generation wrote. */
export interface Span {
  /** Offsets of its first character and of the one after its last. */
  readonly from: number;
  readonly to: number;
  /** Whether the model ended the text after it. */
  readonly hasEnded: boolean;
}

/** A span after a change of the text; `undefined` if the change touches it, because it is then a person's text too. */
export function moved(span: Span, { at, removed, added }: Change): Span | undefined {
  if (at >= span.to) return span;
  if (at + removed > span.from) return undefined;
  const by = added.length - removed;
  return { ...span, from: span.from + by, to: span.to + by };
}

/** The end of the generated text that begins at `offset` or contains it; `offset` if there is none. */
export function endOfGenerated(spans: readonly Span[], offset: number): number {
  let end = offset;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (from <= end && to > end) end = to;
  }
  return end;
}
