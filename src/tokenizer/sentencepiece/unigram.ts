import { lengthByLead } from './characters.js';
import { NORMAL, USER_DEFINED } from './definition.js';
import { Prefixes } from './prefixes.js';
import type { Segmenter, SegmenterParts } from './segments.js';

/** The score of an unknown character is so far below the lowest of all pieces. */
const UNKNOWN_PENALTY = 10;

/**
 * The most likely pieces by a unigram language model (Kudo 2018), by dynamic programming from left to right.
 * Sums are rounded to float32, and the first of equal paths counts, as in SentencePiece.
 */
export function unigramSegmenter({ definition, table, unknownId }: SegmenterParts): Segmenter {
  const { scores, types } = definition;
  const listed = [...types.keys()].filter((id) => types[id] === NORMAL || types[id] === USER_DEFINED);
  const prefixes = new Prefixes(table, listed);
  const normal = listed.filter((id) => types[id] === NORMAL);
  const lowest = normal.reduce((least, id) => Math.min(least, scores[id]!), LARGEST);
  const highest = normal.reduce((most, id) => Math.max(most, scores[id]!), SMALLEST);
  const unknownScore = Math.fround(lowest - UNKNOWN_PENALTY);
  return (text) => {
    const { length } = text;
    // By the end of a path: its score, the start of its last piece, and that piece.
    const best = new Float32Array(length + 1);
    const begins = new Int32Array(length + 1).fill(-1);
    const lastIds = new Int32Array(length + 1);
    for (let start = 0; start < length; ) {
      const character = Math.min(lengthByLead(text[start]!), length - start);
      const scoreHere = best[start]!;
      let hasSingle = false;
      const count = prefixes.search(text, start, length);
      for (let i = 0; i < count; i++) {
        const id = prefixes.ids[i]!;
        const bytes = prefixes.lengths[i]!;
        const score = types[id] === USER_DEFINED ? Math.fround(bytes * highest) - 0.1 : scores[id]!;
        const end = start + bytes;
        if (begins[end] === -1 || score + scoreHere > best[end]!) {
          best[end] = score + scoreHere;
          begins[end] = start;
          lastIds[end] = id;
        }
        if (bytes === character) hasSingle = true;
      }
      const end = start + character;
      if (!hasSingle) {
        const score = Math.fround(unknownScore + scoreHere);
        if (begins[end] === -1 || score > best[end]!) {
          best[end] = score;
          begins[end] = start;
          lastIds[end] = unknownId;
        }
      }
      start = end;
    }
    const ids: number[] = [];
    const ends: number[] = [];
    for (let end = length; end > 0; end = begins[end]!) {
      ids.push(lastIds[end]!);
      ends.push(end);
    }
    return { ids: ids.reverse(), ends: ends.reverse() };
  };
}

/** The limits that SentencePiece's search for the lowest and the highest score starts with. */
const LARGEST = 3.4028234663852886e38;
const SMALLEST = 1.1754943508222875e-38;
