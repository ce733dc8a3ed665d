/** A set of byte values. Two equal sets have the same `key`. */
export class ByteSet {
  readonly #bits: Uint32Array;
  readonly key: string;

  private constructor(bits: Uint32Array) {
    this.#bits = bits;
    this.key = bits.join();
  }

  /** `ranges`: [first, last] pairs, both included. */
  static of(...ranges: readonly (readonly [number, number])[]): ByteSet {
    const bits = new Uint32Array(8);
    for (const [first, last] of ranges) {
      for (let byte = first; byte <= last; byte++) bits[byte >>> 5]! |= 1 << (byte & 31);
    }
    return new ByteSet(bits);
  }

  has(byte: number): boolean {
    return ((this.#bits[byte >>> 5]! >>> (byte & 31)) & 1) === 1;
  }

  union(other: ByteSet): ByteSet {
    if (other.key === this.key) return this;
    return new ByteSet(this.#bits.map((word, i) => word | other.#bits[i]!));
  }

  /** The bytes that begin a run of members or a run of others; 0 is left out. */
  cuts(): ByteSet {
    const starts: [number, number][] = [];
    for (let byte = 1; byte < 256; byte++)
      if (this.has(byte) !== this.has(byte - 1)) starts.push([byte, byte]);
    return ByteSet.of(...starts);
  }
}
