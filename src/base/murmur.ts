const rotated = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));

/** The last step of the hash: every bit changes every other one. */
function mixed(h: number): number {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Bytes that are copied and hashed at a time. */
const HASHED_BYTES = 2 ** 16;

/**
 * MurmurHash3_x86_128 (Appleby 2011) with seed 0, for whole blocks of four words: tells damaged or different
 * content from the same, but not from content that was made to have the same hash.
 */
export class Murmur128 {
  readonly #state = new Int32Array(4);
  #bytes = 0;

  /** Adds words, whose number is a multiple of 4. */
  add(words: Int32Array): void {
    let [h1, h2, h3, h4] = this.#state as unknown as [number, number, number, number];
    for (let i = 0; i < words.length; i += 4) {
      h1 ^= Math.imul(rotated(Math.imul(words[i]!, 0x239b961b), 15), 0xab0e9789);
      h1 = (Math.imul((rotated(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
      h2 ^= Math.imul(rotated(Math.imul(words[i + 1]!, 0xab0e9789), 16), 0x38b34ae5);
      h2 = (Math.imul((rotated(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
      h3 ^= Math.imul(rotated(Math.imul(words[i + 2]!, 0x38b34ae5), 17), 0xa1e38b93);
      h3 = (Math.imul((rotated(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
      h4 ^= Math.imul(rotated(Math.imul(words[i + 3]!, 0xa1e38b93), 18), 0x239b961b);
      h4 = (Math.imul((rotated(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
    }
    this.#state.set([h1, h2, h3, h4]);
    this.#bytes += 4 * words.length;
  }

  /** The hash of all words so far, as four words. */
  digest(): Int32Array {
    const spread = (h: Int32Array) => {
      h[0] = h[0]! + h[1]! + h[2]! + h[3]!;
      for (let i = 1; i < 4; i++) h[i]! += h[0]!;
    };
    const h = this.#state.map((word) => word ^ this.#bytes);
    spread(h);
    h.forEach((word, i) => {
      h[i] = mixed(word);
    });
    spread(h);
    return h;
  }
}

/** The hash of bytes and of their number. */
export function hashOfBytes(bytes: Uint8Array): Int32Array {
  const hash = new Murmur128();
  for (let start = 0; start < bytes.length; start += HASHED_BYTES) {
    const part = bytes.subarray(start, start + HASHED_BYTES);
    const block = new Uint8Array(16 * Math.ceil(part.length / 16));
    block.set(part);
    hash.add(new Int32Array(block.buffer));
  }
  hash.add(Int32Array.of(bytes.length, Math.floor(bytes.length / 2 ** 32), 0, 0));
  return hash.digest();
}

/** Words as hexadecimal digits. */
export function hex(words: Int32Array): string {
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
