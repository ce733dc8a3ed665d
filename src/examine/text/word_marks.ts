import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** Properties of a token, as bits. */
export const BEGINS = 1;
export const ENDS = 2;
export const SOLID = 4;

/** What tokens tell about the borders of words. */
export interface WordMarks {
  /**
   * Bits by token id. BEGINS: its text begins with white space. ENDS: it ends with white space. SOLID: it has
   * anything else. A token that begins or ends a text has all three.
   */
  readonly kinds: Uint8Array;
  /** The ids that have BEGINS, in order: after a word, they show that it ended. */
  readonly beginnings: Int32Array;
  /** The ids that begin or end a text. */
  readonly borders: readonly number[];
}

const known = new WeakMap<Tokenizer, WordMarks>();

/** The marks of a tokenizer's tokens. `borders` are the ids that begin or end a text. */
export function wordMarks(tokenizer: Tokenizer, vocabSize: number, borders: readonly number[]): WordMarks {
  const found = known.get(tokenizer);
  // A tokenizer may serve several models.
  if (found?.kinds.length === vocabSize && found.borders.join() === borders.join()) return found;
  const kinds = new Uint8Array(vocabSize);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let id = 0; id < vocabSize; id++) {
    const bytes = bytesOfToken(tokenizer, id);
    if (bytes !== undefined) kinds[id] = kindOf(utf8.decode(bytes));
  }
  for (const id of borders) kinds[id] = BEGINS | ENDS | SOLID;
  const beginnings = Int32Array.from([...kinds.keys()].filter((id) => kinds[id]! & BEGINS));
  const marks = { kinds, beginnings, borders };
  known.set(tokenizer, marks);
  return marks;
}

function kindOf(text: string): number {
  return (
    (/^\p{White_Space}/u.test(text) ? BEGINS : 0) |
    (/\p{White_Space}$/u.test(text) ? ENDS : 0) |
    (/\P{White_Space}/u.test(text) ? SOLID : 0)
  );
}

/** Indices of the tokens that begin words; the first is 0. */
export function wordStarts(ids: readonly number[], { kinds }: WordMarks): number[] {
  const starts: number[] = [];
  let isSolid = false;
  for (const [i, id] of ids.entries()) {
    const isBorder = isSolid && (kinds[id]! & BEGINS) + (kinds[ids[i - 1]!]! & ENDS) > 0;
    if (i === 0 || isBorder) {
      starts.push(i);
      isSolid = false;
    }
    if (kinds[id]! & SOLID) isSolid = true;
  }
  return starts;
}

/**
 * Whether the place before token `i` is a border of words whatever follows: at the beginning of a text, and after
 * white space.
 */
export function isCertainBorder(ids: readonly number[], i: number, { kinds }: WordMarks): boolean {
  return i === 0 || (kinds[ids[i - 1]!]! & ENDS) > 0;
}
