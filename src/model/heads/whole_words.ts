import type { TextSpan } from '../../tokenizer/text_spans.js';

/** Kinds of characters whose runs are words for GPT-2: letters, digits, others; none for white space. */
const KINDS = [/^\p{L}/u, /^\p{N}/u, /^[^\s\p{L}\p{N}]/u];

const kindAt = (text: string, at: number) =>
  KINDS.findIndex((kind) => kind.test(String.fromCodePoint(text.codePointAt(at) ?? 0x20)));

/** The position at which the character before `at` begins. */
const before = (text: string, at: number) =>
  at - (/[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(Math.max(0, at - 2), at)) ? 2 : 1);

/** A span that begins and ends where words do, as transformers aligns answers to words. */
export function wholeWords(span: TextSpan, text: string): TextSpan {
  let { start, end } = span;
  if (start === end) return span;
  const [first, last] = [kindAt(text, start), kindAt(text, before(text, end))];
  while (start > 0 && first >= 0 && kindAt(text, before(text, start)) === first) start = before(text, start);
  while (end < text.length && last >= 0 && kindAt(text, end) === last)
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return { ...span, start, end, text: text.slice(start, end) };
}
