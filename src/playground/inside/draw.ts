import { RandomStream } from '../../base/random.js';
import { type Chances, chanceOf, type NextTokens, pieceAt } from './next_tokens.js';

/** Pieces that the line of a draw shows. */
const PIECES = 12;

/** A piece of the line from 0 to 1, of a token. */
export interface DrawnPiece {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** How a token was drawn. */
export interface Draw {
  readonly seed: number;
  /** Which random number of the seed it took, from 0. */
  readonly index: number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly number: number;
  /** The piece in which the number fell. */
  readonly hit: DrawnPiece;
  /** The pieces of the likeliest tokens. */
  readonly pieces: readonly DrawnPiece[];
}

/** Draws a token with number `index` of a seed. */
export function drawToken(next: NextTokens, chances: Chances, seed: number, index: number): Draw {
  const number = new RandomStream(seed, 0, index).next();
  const { rank, from, to } = pieceAt(chances, number);
  const pieces: DrawnPiece[] = [];
  let end = 0;
  for (let other = 0; other < Math.min(PIECES, chances.kept); other++) {
    const start = end;
    end += chanceOf(chances, other);
    pieces.push({ id: next.ids[other]!, from: start, to: end });
  }
  return { seed, index, number, hit: { id: next.ids[rank]!, from, to }, pieces };
}
