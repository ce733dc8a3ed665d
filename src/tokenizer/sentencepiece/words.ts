import { lengthByLead } from './characters.js';
import { SPACE_SYMBOL } from './definition.js';
import type { Segmenter, SegmenterParts } from './segments.js';

const SYMBOL = new TextEncoder().encode(SPACE_SYMBOL);

/** Each word with the space before it is a piece. */
export function wordSegmenter(parts: SegmenterParts): Segmenter {
  return cutAt(parts, (text, start) => {
    let end = start;
    do end += characterAt(text, end);
    while (end < text.length && !SYMBOL.every((byte, i) => text[end + i] === byte));
    return end;
  });
}

/** Each character and each user-defined symbol is a piece. */
export function characterSegmenter(parts: SegmenterParts): Segmenter {
  return cutAt(parts, (text, start) => {
    const symbol = parts.userDefined.longest(text, start, text.length);
    return start + (symbol > 0 ? symbol : characterAt(text, start));
  });
}

function characterAt(text: Uint8Array, at: number): number {
  return Math.min(lengthByLead(text[at]!), text.length - at);
}

function cutAt({ idOf }: SegmenterParts, endOf: (text: Uint8Array, start: number) => number): Segmenter {
  return (text) => {
    const ids: number[] = [];
    const ends: number[] = [];
    for (let start = 0; start < text.length; ) {
      const end = endOf(text, start);
      ids.push(idOf(text, start, end));
      ends.push(end);
      start = end;
    }
    return { ids, ends };
  };
}
