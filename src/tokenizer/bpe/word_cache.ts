/** The cache is emptied when it is full: 1 MB holds about 40,000 words, more than most texts have. */
const ARENA_INTS = 1 << 18;
const SLOTS = 1 << 16;

/** Slots that a word may be in. The limit keeps look-ups fast in a text of colliding words. */
const PROBES = 8;

/** Longer pieces are not cached: they are seldom repeated. */
export const MAX_CACHED_BYTES = 64;

/** Ints of an entry before its ids: the hash, then the two lengths. */
const HEADER_INTS = 2;

/** Remembers the ids of short pieces by their bytes, in bounded memory. */
export class WordCache {
  /** Entries end to end: hash, byte length | id count << 16, ids, bytes padded to whole ints. */
  readonly #ints = new Int32Array(ARENA_INTS);
  readonly #bytes = new Uint8Array(this.#ints.buffer);
  /** Hash table of arena index + 1, 0 where a slot is free. */
  readonly #slots = new Int32Array(SLOTS);
  #used = 0;

  /** Appends the ids of bytes[start, end) to `out` if they are known; `hash` is hashBytes of the piece. */
  read(bytes: Uint8Array, start: number, end: number, hash: number, out: number[]): boolean {
    const ints = this.#ints;
    for (let probe = 0; probe < PROBES; probe++) {
      const entry = this.#slots[(hash + probe) & (SLOTS - 1)]! - 1;
      if (entry === -1) return false;
      if (ints[entry] !== hash) continue;
      const lengths = ints[entry + 1]!;
      const firstId = entry + HEADER_INTS;
      const afterIds = firstId + (lengths >>> 16);
      if ((lengths & 0xffff) !== end - start || !this.#matches(bytes, start, end, afterIds * 4)) continue;
      for (let i = firstId; i < afterIds; i++) out.push(ints[i]!);
      return true;
    }
    return false;
  }

  /** Remembers ids[firstId, ...) for bytes[start, end), a piece that `read` did not know. */
  write(bytes: Uint8Array, start: number, end: number, hash: number, ids: number[], firstId: number): void {
    const count = ids.length - firstId;
    const size = HEADER_INTS + count + ((end - start + 3) >>> 2);
    if (this.#used + size > ARENA_INTS) {
      this.#slots.fill(0);
      this.#used = 0;
    }
    const entry = this.#used;
    this.#used += size;
    this.#ints[entry] = hash;
    this.#ints[entry + 1] = (end - start) | (count << 16);
    for (let i = 0; i < count; i++) this.#ints[entry + HEADER_INTS + i] = ids[firstId + i]!;
    const firstByte = (entry + HEADER_INTS + count) * 4;
    for (let i = start; i < end; i++) this.#bytes[firstByte + i - start] = bytes[i]!;
    let probe = 0;
    while (probe < PROBES && this.#slots[(hash + probe) & (SLOTS - 1)] !== 0) probe++;
    // If no slot is free, the word in the first one is replaced.
    this.#slots[(hash + (probe % PROBES)) & (SLOTS - 1)] = entry + 1;
  }

  #matches(bytes: Uint8Array, start: number, end: number, at: number): boolean {
    for (let i = start, j = at; i < end; i++, j++) {
      if (bytes[i] !== this.#bytes[j]) return false;
    }
    return true;
  }
}
