/** Documents by 32-bit keys: a hash table with chains, of 12 to 16 bytes a document. */
export class KeyIndex {
  /** Number of each chain's latest document + 1, or 0. */
  readonly #heads: Int32Array;
  /** Number of the document before each in its chain + 1, or 0. */
  readonly #next: Int32Array;
  readonly #keys: Int32Array;

  /** An empty index for documents 0 to count - 1. */
  constructor(count: number) {
    let chains = 1;
    while (chains < count) chains *= 2;
    this.#heads = new Int32Array(chains);
    this.#next = new Int32Array(count);
    this.#keys = new Int32Array(count);
  }

  /** Adds a document, which is not in the index. */
  add(key: number, document: number): void {
    const chain = key & (this.#heads.length - 1);
    this.#keys[document] = key;
    this.#next[document] = this.#heads[chain]!;
    this.#heads[chain] = document + 1;
  }

  /** The latest document with a key, or the one before `document`; -1 if there is none. */
  find(key: number, document?: number): number {
    let found = document === undefined ? this.#heads[key & (this.#heads.length - 1)]! : this.#next[document]!;
    while (found !== 0 && this.#keys[found - 1] !== key) found = this.#next[found - 1]!;
    return found - 1;
  }
}
