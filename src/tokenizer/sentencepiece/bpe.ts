import { MinHeap, POSITIONS } from '../bpe/merge_heap.js';
import { lengthByLead } from './characters.js';
import { UNUSED } from './definition.js';
import type { Segmenter, SegmenterParts } from './segments.js';

/**
 * Byte-pair encoding as SentencePiece does it (Kudo and Richardson 2018): of all neighbours whose join is a
 * piece, those merge first whose piece has the highest score, and of equal ones the leftmost. User-defined
 * symbols do not merge, and unused pieces are taken apart again.
 */
export function bpeSegmenter({ definition, table, userDefined, idOf }: SegmenterParts): Segmenter {
  const { types } = definition;
  const ranks = ranksOf(definition.scores);
  return (text) => {
    const { length } = text;
    // A symbol stays at the index of its first byte; 0 bytes: it was merged into the one before it.
    const lengths = new Int32Array(length);
    const previous = new Int32Array(length);
    const isFrozen = new Uint8Array(length);
    for (let at = 0, before = -1; at < length; ) {
      const symbol = userDefined.longest(text, at, length);
      if (symbol > 0) isFrozen[at] = 1;
      lengths[at] = symbol > 0 ? symbol : Math.min(lengthByLead(text[at]!), length - at);
      previous[at] = before;
      before = at;
      at += lengths[at]!;
    }
    // By the start of a pair: its rank and its bytes. A heap entry with another rank is outdated.
    const pairRanks = new Int32Array(length).fill(-1);
    const heap = new MinHeap(2 * length);
    /** By an unused piece: the bytes of the first of the two symbols that last made it. */
    const splits = new Map<number, number>();
    const rankPair = (left: number) => {
      const right = left + lengths[left]!;
      pairRanks[left] = -1;
      if (right >= length || isFrozen[left] === 1 || isFrozen[right] === 1) return;
      const id = table.find(text, left, right + lengths[right]!);
      if (id === -1) return;
      pairRanks[left] = ranks[id]!;
      heap.push(ranks[id]! * POSITIONS + left);
      if (types[id] === UNUSED) splits.set(id, lengths[left]!);
    };
    for (let at = 0; at < length; at += lengths[at]!) rankPair(at);
    while (heap.size > 0) {
      const key = heap.pop();
      const left = key % POSITIONS;
      if (pairRanks[left] !== (key - left) / POSITIONS) continue;
      const right = left + lengths[left]!;
      lengths[left]! += lengths[right]!;
      lengths[right] = 0;
      pairRanks[right] = -1;
      const after = left + lengths[left]!;
      if (after < length) previous[after] = left;
      if (previous[left] !== -1) rankPair(previous[left]!);
      rankPair(left);
    }

    const ids: number[] = [];
    const ends: number[] = [];
    for (let at = 0; at < length; ) {
      /** The ends of the parts of a symbol that are still to be written, the last first. */
      const open = [at + lengths[at]!];
      while (open.length > 0) {
        const end = open.at(-1)!;
        const id = idOf(text, at, end);
        const split = types[id] === UNUSED ? splits.get(id) : undefined;
        if (split !== undefined) {
          open.push(at + split);
          continue;
        }
        ids.push(id);
        ends.push(end);
        open.pop();
        at = end;
      }
    }
    return { ids, ends };
  };
}

/** By id: how many different scores are higher. */
function ranksOf(scores: Float32Array): Int32Array {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const ranks = new Int32Array(scores.length);
  let rank = -1;
  let before = Number.NaN;
  for (const id of order) {
    if (scores[id] !== before) rank++;
    before = scores[id]!;
    ranks[id] = rank;
  }
  return ranks;
}
