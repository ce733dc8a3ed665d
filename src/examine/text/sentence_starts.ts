import { skipSpace } from '../../tokenizer/text_spans.js';

/** Marks that end a sentence; after wide ones no white space is needed. */
const MARKS = /[.!?…‽؟۔।॥։]+|[。！？｡]+/gu;
const WIDE = /[。！？｡]/u;
/** Quotation marks and brackets that a sentence closes after its mark. */
const CLOSING = /["'”’»›)\]}」』）】〉》]/u;
/** A line without text. */
const BLANK = /\n[^\S\n]*\n/g;
/** Words with a full stop before a name or number. */
const ABBREVIATIONS = new Set(
  (
    'mr mrs ms mx dr prof rev hon st mt sr jr gen col capt lt sgt maj cmdr gov sen rep pres messrs mme mlle mm ' +
    'fr bros co corp inc ltd dept univ assn nos vol vols pp ed eds fig figs eq sec ch cf vs viz al approx ca ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e u.s u.k'
  ).split(' '),
);
/** Longer words are no abbreviations. */
const LONGEST = 10;

/**
 * Offsets in a text at which a sentence begins, in UTF-16 code units, without that of the first one. The rules are
 * the same in every runtime, which those of `Intl.Segmenter` are not:
 *
 * - `.`, `!`, `?`, `…` and their like in other scripts end a sentence if white space follows, after quotation
 *   marks and brackets that close; the full stops of Chinese and Japanese need no white space
 * - not if a lower-case letter or a comma comes next (`"Stop!" he said`)
 * - not at a full stop after an abbreviation (`Mr.`, `e.g.`) or after one capital letter (`J. Smith`) other than I
 * - an empty line ends a sentence
 */
export function sentenceStarts(text: string): number[] {
  const ends = [...text.matchAll(BLANK)].map(({ index }) => index);
  for (const { 0: marks, index } of text.matchAll(MARKS)) {
    const end = closed(text, index + marks.length);
    if (endsThere(text, index, marks, end)) ends.push(end);
  }
  const starts: number[] = [];
  let next = skipSpace(text, 0);
  for (const end of ends.sort((a, b) => a - b)) {
    // White space is skipped once, however many ends are in it.
    if (end < next) continue;
    next = skipSpace(text, end);
    if (next < text.length) starts.push(next);
  }
  return starts;
}

/** The place after all closing marks from `at` on. */
function closed(text: string, at: number): number {
  let end = at;
  while (end < text.length && CLOSING.test(text[end]!)) end++;
  return end;
}

function endsThere(text: string, at: number, marks: string, end: number): boolean {
  if (WIDE.test(marks)) return true;
  const next = skipSpace(text, end);
  if (next === end || /^[\p{Ll},;]/u.test(text.slice(next, next + 2))) return false;
  return marks !== '.' || !isAbbreviation(text, at);
}

/** Whether the full stop at `at` belongs to the word before it. */
function isAbbreviation(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LONGEST - 1), at);
  const word = /(?:^|[^\p{L}\p{N}.])([\p{L}.]+)$/u.exec(before)?.[1] ?? '';
  return ABBREVIATIONS.has(word.toLowerCase()) || (/^(?:\p{Lu}\.)*\p{Lu}$/u.test(word) && word !== 'I');
}
