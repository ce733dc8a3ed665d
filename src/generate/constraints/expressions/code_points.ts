import type { Expression } from './expression.js';
import type { Expressions } from './expressions.js';

/** A range of Unicode code points, both ends included. */
export type CodePointRange = readonly [number, number];

/** Sorted ranges that do not touch. */
export type CodePointSet = readonly CodePointRange[];

/** Code points by the bytes of their UTF-8: `more` bytes follow the first, whose lowest value is `mark`. */
const LENGTHS: readonly { from: number; to: number; more: number; mark: number }[] = [
  { from: 0, to: 0x7f, more: 0, mark: 0 },
  { from: 0x80, to: 0x7ff, more: 1, mark: 0xc0 },
  { from: 0x800, to: 0xd7ff, more: 2, mark: 0xe0 },
  { from: 0xe000, to: 0xffff, more: 2, mark: 0xe0 },
  { from: 0x10000, to: 0x10ffff, more: 3, mark: 0xf0 },
];

/** All code points. Surrogates are among them, though they have no UTF-8. */
export const ALL_CODE_POINTS: CodePointRange = [0, 0x10ffff];

/** Sorts and joins ranges. */
export function codePointSet(ranges: readonly CodePointRange[]): CodePointSet {
  const set: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = set.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else set.push([first, last]);
  }
  return set;
}

export function complement(set: CodePointSet): CodePointSet {
  const others: CodePointRange[] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= ALL_CODE_POINTS[1]) others.push([next, ALL_CODE_POINTS[1]]);
  return others;
}

export function intersection(a: CodePointSet, b: CodePointSet): CodePointSet {
  const common: CodePointRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i]![0], b[j]![0]);
    const last = Math.min(a[i]![1], b[j]![1]);
    if (first <= last) common.push([first, last]);
    if (a[i]![1] === last) i++;
    else j++;
  }
  return common;
}

/** The UTF-8 of one code point of `ranges`; surrogates have none. */
export function codePoints(make: Expressions, ranges: readonly CodePointRange[]): Expression {
  const set = codePointSet(ranges);
  return make.choice(
    LENGTHS.map(({ from, to, more, mark }) => bytesOf(make, intersection(set, [[from, to]]), more, mark, 0)),
  );
}

/**
 * A byte and `more` bytes after it, for code points from `base` on: `mark` + the next 6 bits of the code point, and
 * so on. The first bytes with the same rest become one set.
 */
function bytesOf(make: Expressions, set: CodePointSet, more: number, mark: number, base: number): Expression {
  if (set.length === 0) return make.nothing;
  const size = 64 ** more;
  const last = Math.floor((set.at(-1)![1] - base) / size);
  const bytesByRest = new Map<Expression, [number, number][]>();
  for (let digit = Math.floor((set[0]![0] - base) / size); digit <= last; digit++) {
    const start = base + digit * size;
    const inside = intersection(set, [[start, start + size - 1]]);
    const rest = restOf(make, inside, more, start);
    bytesByRest.set(rest, [...(bytesByRest.get(rest) ?? []), [mark + digit, mark + digit]]);
  }
  return make.choice([...bytesByRest].map(([rest, bytes]) => make.sequence(make.oneOf(...bytes), rest)));
}

function restOf(make: Expressions, set: CodePointSet, more: number, start: number): Expression {
  const [first] = set;
  if (first === undefined) return make.nothing;
  const isWhole = first[0] === start && first[1] === start + 64 ** more - 1;
  return isWhole
    ? make.repeat(make.oneOf([0x80, 0xbf]), more, more)
    : bytesOf(make, set, more - 1, 0x80, start);
}

/** All texts: any number of code points. */
export function anyText(make: Expressions): Expression {
  return make.repeat(codePoints(make, [ALL_CODE_POINTS]), 0);
}
