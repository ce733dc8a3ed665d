/** The cache is emptied when it is full. */
const MOST_PIECES = 1 << 15;
/** Longer pieces are not kept: they are seldom repeated. */
const MOST_UNITS = 48;

/** Remembers the ids of short pieces, in bounded memory. */
export class PieceCache {
  readonly #ids = new Map<string, readonly number[]>();

  /** Appends the ids of a piece; `encode` appends those of a piece that is not known. */
  encode(piece: string, ids: number[], encode: (piece: string, ids: number[]) => void): void {
    const known = this.#ids.get(piece);
    if (known !== undefined) {
      for (const id of known) ids.push(id);
      return;
    }
    const first = ids.length;
    encode(piece, ids);
    if (piece.length > MOST_UNITS) return;
    if (this.#ids.size >= MOST_PIECES) this.#ids.clear();
    this.#ids.set(piece, ids.slice(first));
  }
}
