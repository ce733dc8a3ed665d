import type { Span } from '../banned_texts/text_finder.js';

/** Spans in their order, those that overlap joined. */
export function joinedSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.slice().sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || span.start >= last.end) joined.push(span);
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return joined;
}

/** The text with another one in the place of each span. */
export function replaceSpans(text: string, spans: readonly Span[], replacement: string): string {
  let end = 0;
  let result = '';
  for (const span of spans) {
    result += text.slice(end, span.start) + replacement;
    end = span.end;
  }
  return result + text.slice(end);
}
