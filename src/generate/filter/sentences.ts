/** A longer sentence, in UTF-16 units, is cut at white space, so that never more text is held back. */
const LONGEST = 1000;

const ENDS = new Set('.!?…');
/** Marks after which a sentence may begin without white space. */
const WIDE_ENDS = new Set('。！？');
const CLOSERS = new Set('"\'”’)]}»」』）');
const WHITE = /\s/;
/** Words that end with a full stop inside a sentence. */
const ABBREVIATION = /(?:^|[\s("'“])(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|[A-Z])\.$/;

/**
 * Where the first sentence of a text ends; undefined if more text must tell. A sentence ends after `.`, `!`, `?` or
 * `…` and closing quotes or brackets, before white space; after `。`, `！` or `？`; and before a line break. White space
 * belongs to the sentence after it. A plain rule, so that every engine ends sentences at the same place.
 */
export function sentenceEnd(text: string): number | undefined {
  let hasBegun = false;
  for (let i = 0; i < Math.min(text.length, LONGEST); i++) {
    const unit = text[i]!;
    if (unit === '\n' && hasBegun) return i;
    hasBegun ||= !WHITE.test(unit);
    if (!ENDS.has(unit) && !WIDE_ENDS.has(unit)) continue;
    let end = i + 1;
    while (
      end < text.length &&
      (ENDS.has(text[end]!) || WIDE_ENDS.has(text[end]!) || CLOSERS.has(text[end]!))
    )
      end++;
    if (end === text.length) break;
    if (WIDE_ENDS.has(unit)) return end;
    if (WHITE.test(text[end]!) && !ABBREVIATION.test(text.slice(Math.max(0, end - 8), end))) return end;
    i = end - 1;
  }
  return text.length > LONGEST ? cut(text) : undefined;
}

/** The last place for a cut: before white space, or else between two characters. */
function cut(text: string): number {
  for (let i = LONGEST; i > LONGEST / 2; i--) if (WHITE.test(text[i]!)) return i;
  const isPair = /[\ud800-\udbff]/.test(text[LONGEST - 1]!);
  return isPair ? LONGEST - 1 : LONGEST;
}
