import { partitionPoint } from '../../base/partition_point.js';
import type { ExaminedToken } from '../text/examination.js';

/** A part of a text; offsets are in UTF-16 code units, `end` is exclusive. */
export interface Extent {
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
}

/** A part of a text without what is no letter or digit around it; empty if it has none. */
export function bare(text: string, { start, end }: Extent): Extent {
  const word = text.slice(start, end);
  const from = word.search(/[\p{L}\p{N}]/u);
  if (from === -1) return { start, end: start };
  const { length } = word.replace(/[^\p{L}\p{N}\p{M}]+$/u, '');
  return { start: start + from, end: start + length };
}

/** Index of the part that has the character at an offset; -1 if none has. Parts are in order. */
export function partAt(parts: readonly Extent[], offset: number): number {
  const found = partitionPoint(0, parts.length, (index) => parts[index]!.end <= offset);
  return found < parts.length && parts[found]!.start <= offset ? found : -1;
}

/** Number of the tokens with the characters of a part. */
export function tokensIn(tokens: readonly ExaminedToken[], { start, end }: Extent): number {
  return start === end ? 0 : partAt(tokens, end - 1) - partAt(tokens, start) + 1;
}

/** Surprisal in bits of the tokens with the characters of a part; undefined if one of them is not scored. */
export function bitsIn(tokens: readonly ExaminedToken[], { start, end }: Extent): number | undefined {
  let sum = 0;
  for (let i = partAt(tokens, start); i >= 0 && i < tokens.length && tokens[i]!.start < end; i++) {
    const { surprisal } = tokens[i]!;
    if (surprisal === undefined) return undefined;
    sum += surprisal;
  }
  return sum;
}
