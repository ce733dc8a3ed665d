import type { AlignedText } from './aligned_text.js';

/** An added token that was found in a text. */
export interface FoundToken {
  readonly id: number;
  /** The part of the text that it stands for. */
  readonly found: AlignedText;
}

/** A part of a text: text that is to be split further, or an added token. */
export type Piece = AlignedText | FoundToken;

export const isToken = (piece: Piece): piece is FoundToken => 'id' in piece;

/** Splits the pieces that are text; empty parts are left out. */
export function splitPieces(
  pieces: readonly Piece[],
  split: (text: AlignedText) => readonly Piece[],
): Piece[] {
  const parts: Piece[] = [];
  for (const piece of pieces) {
    if (isToken(piece)) parts.push(piece);
    else for (const part of split(piece)) if (isToken(part) || part.text !== '') parts.push(part);
  }
  return parts;
}
