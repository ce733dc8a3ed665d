/** The trie of a character map of SentencePiece: a double array (Aoe 1989), as the library darts-clone writes it. */
export class DoubleArray {
  readonly #units: Uint32Array;

  constructor(units: Uint32Array) {
    this.#units = units;
  }

  /** The values of the keys that key[from, to) begins with, and the keys' ends: the shortest or the longest one. */
  find(
    key: Uint8Array,
    from: number,
    to: number,
    longest: boolean,
  ): { value: number; end: number } | undefined {
    const units = this.#units;
    let found: { value: number; end: number } | undefined;
    let node = offsetOf(units[0] ?? 0);
    for (let at = from; at < to; at++) {
      const byte = key[at]!;
      if (byte === 0) return found;
      node = (node ^ byte) >>> 0;
      const unit = units[node];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return found;
      node = (node ^ offsetOf(unit)) >>> 0;
      if ((unit >>> 8) & 1) {
        found = { value: (units[node] ?? 0) & 0x7fffffff, end: at + 1 };
        if (!longest) return found;
      }
    }
    return found;
  }
}

const offsetOf = (unit: number): number => ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
