/** The bytes that each token adds to a text, end to end. */
export class TokenBytes {
  /** One more than the highest id. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  /** By id; -1 for an id without a token. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  /** `bytesOf` gives the bytes of a token, undefined for an id without one. */
  constructor(size: number, bytesOf: (id: number) => Uint8Array | undefined) {
    this.size = size;
    this.#starts = new Int32Array(size).fill(-1);
    this.#ends = new Int32Array(size);
    const all: Uint8Array[] = [];
    let used = 0;
    for (let id = 0; id < size; id++) {
      const bytes = bytesOf(id);
      if (bytes === undefined) continue;
      this.#starts[id] = used;
      used += bytes.length;
      this.#ends[id] = used;
      all.push(bytes);
    }
    this.#bytes = new Uint8Array(used);
    let at = 0;
    for (const bytes of all) {
      this.#bytes.set(bytes, at);
      at += bytes.length;
    }
  }

  /** The bytes of a token; undefined for an id without one. */
  of(id: number): Uint8Array | undefined {
    const start = this.#starts[id] ?? -1;
    return start === -1 ? undefined : this.#bytes.slice(start, this.#ends[id]);
  }

  /** The first id whose token has exactly these bytes. */
  find(bytes: Uint8Array): number | undefined {
    const found = this.along(bytes).find((id) => this.#ends[id]! - this.#starts[id]! === bytes.length);
    return found;
  }

  /** Ids, in ascending order, of tokens whose bytes begin with `bytes` or are the beginning of `bytes`. */
  along(bytes: Uint8Array): number[] {
    const ids: number[] = [];
    for (let id = 0; id < this.size; id++) {
      const start = this.#starts[id]!;
      const common = Math.min(this.#ends[id]! - start, bytes.length);
      if (start === -1 || common === 0) continue;
      let i = 0;
      while (i < common && this.#bytes[start + i] === bytes[i]) i++;
      if (i === common) ids.push(id);
    }
    return ids;
  }
}
