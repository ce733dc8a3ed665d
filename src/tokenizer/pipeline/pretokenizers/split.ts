import type { Pattern } from '../regex/pattern.js';
import type { AlignedText } from '../text/aligned_text.js';

/** The ways to treat the matches of a pattern at which a text is split. */
export const BEHAVIORS = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type Behavior = (typeof BEHAVIORS)[number];

/** A part of a text: a match, or what lies between matches. */
interface Span {
  readonly start: number;
  end: number;
  readonly isMatch: boolean;
}

/** Splits a text, which is not empty, at the matches of a pattern; `invert`: at all between the matches. */
export function splitAt(
  text: AlignedText,
  pattern: Pattern | undefined,
  behavior: Behavior,
  invert = false,
): AlignedText[] {
  return merged(spansOf(text.text, pattern, invert), behavior).map(({ start, end }) =>
    text.slice(start, end),
  );
}

function spansOf(text: string, pattern: Pattern | undefined, invert: boolean): Span[] {
  const found = pattern?.find(text) ?? [];
  const spans: Span[] = [];
  let before = 0;
  for (let i = 0; i < found.length; i += 2) {
    const start = found[i]!;
    const end = found[i + 1]!;
    if (before !== start) spans.push({ start: before, end: start, isMatch: invert });
    spans.push({ start, end, isMatch: !invert });
    before = end;
  }
  if (before !== text.length) spans.push({ start: before, end: text.length, isMatch: invert });
  return spans;
}

function merged(spans: readonly Span[], behavior: Behavior): readonly { start: number; end: number }[] {
  switch (behavior) {
    case 'Removed':
      return spans.filter(({ isMatch }) => !isMatch);
    case 'Isolated':
      return spans;
    case 'Contiguous':
      return joined(spans, (span, isAfterMatch) => span.isMatch === isAfterMatch);
    case 'MergedWithPrevious':
      return joined(spans, (span, isAfterMatch) => span.isMatch && !isAfterMatch);
    case 'MergedWithNext':
      return mergedWithNext(spans);
  }
}

/** Joins each span for which `joins` to the one before it, if there is one. */
function joined(
  spans: readonly Span[],
  joins: (span: Span, isAfterMatch: boolean) => boolean,
): { start: number; end: number }[] {
  const all: { start: number; end: number }[] = [];
  let isAfterMatch = false;
  for (const span of spans) {
    const last = all.at(-1);
    if (last !== undefined && joins(span, isAfterMatch)) last.end = span.end;
    else all.push({ start: span.start, end: span.end });
    isAfterMatch = span.isMatch;
  }
  return all;
}

function mergedWithNext(spans: readonly Span[]): { start: number; end: number }[] {
  const all: { start: number; end: number }[] = [];
  let isBeforeMatch = false;
  for (const { start, end, isMatch } of [...spans].reverse()) {
    const next = all.at(-1);
    if (next !== undefined && isMatch && !isBeforeMatch) next.start = start;
    else all.push({ start, end });
    isBeforeMatch = isMatch;
  }
  return all.reverse();
}
