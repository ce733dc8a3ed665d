import type { Expression } from './expression.js';
import type { Expressions } from './expressions.js';

/** A range of Unicode code points, both ends included. */
export type CodePointRange = readonly [number, number];

/** Code points by the number of their bytes in UTF-8, without surrogates, which have none. */
const LENGTHS: readonly CodePointRange[] = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x10ffff],
];

/** All code points that have UTF-8. */
export const ALL_CODE_POINTS: CodePointRange = [0, 0x10ffff];

/** The UTF-8 of one code point of `ranges`. */
export function codePoints(make: Expressions, ranges: readonly CodePointRange[]): Expression {
  const parts = ranges.flatMap(([first, last]) =>
    LENGTHS.flatMap(([lowest, highest]) => {
      const from = Math.max(first, lowest);
      const to = Math.min(last, highest);
      return from <= to ? [sameLength(make, utf8(from), utf8(to))] : [];
    }),
  );
  return make.choice(parts);
}

/** The sequences from `first` to `last`, which have the same number of bytes, in their order. */
function sameLength(make: Expressions, first: readonly number[], last: readonly number[]): Expression {
  const [low, ...lowRest] = first;
  const [high, ...highRest] = last;
  if (low === undefined || high === undefined) return make.empty;
  if (low === high) return make.sequence(make.oneOf([low, low]), sameLength(make, lowRest, highRest));
  const least = lowRest.map(() => 0x80);
  const most = highRest.map(() => 0xbf);
  const isWhole = (bytes: readonly number[], all: readonly number[]) =>
    bytes.every((byte, i) => byte === all[i]);
  const begin = isWhole(lowRest, least) ? low : low + 1;
  const end = isWhole(highRest, most) ? high : high - 1;
  const parts: Expression[] = [];
  if (begin !== low) parts.push(make.sequence(make.oneOf([low, low]), sameLength(make, lowRest, most)));
  if (begin <= end) parts.push(make.sequence(make.oneOf([begin, end]), sameLength(make, least, most)));
  if (end !== high) parts.push(make.sequence(make.oneOf([high, high]), sameLength(make, least, highRest)));
  return make.choice(parts);
}

function utf8(codePoint: number): number[] {
  return [...new TextEncoder().encode(String.fromCodePoint(codePoint))];
}

/** All texts: any number of code points. */
export function anyText(make: Expressions): Expression {
  return make.repeat(codePoints(make, [ALL_CODE_POINTS]), 0);
}
