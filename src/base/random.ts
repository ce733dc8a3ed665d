const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const KEY_PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds: two 32-bit words that are a random function of a key and a counter.
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
 * Only 32-bit integer operations, so every JavaScript engine computes the same words.
 */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const keys = [key[0] | 0, key[1] | 0, KEY_PARITY ^ key[0] ^ key[1]] as const;
  let x0 = (counter[0] + keys[0]) | 0;
  let x1 = (counter[1] + keys[1]) | 0;
  for (let group = 1; group <= 5; group++) {
    for (const bits of ROTATIONS[(group - 1) % 2]!) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0;
    }
    x0 = (x0 + keys[group % 3]!) | 0;
    x1 = (x1 + keys[(group + 1) % 3]! + group) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/**
 * Random numbers of one completion. Number t of completion i depends only on (seed, t, i), so that a
 * completion is the same however many others are sampled with it.
 */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #index: number;
  #step: number;

  /**
   * `seed`: an integer from 0 to 2^53 - 1; `index`: which completion of the request; `step`: the first t, by
   * default 0.
   */
  constructor(seed: number, index: number, step = 0) {
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
    this.#index = index;
    this.#step = step;
  }

  /** The next number in [0, 1), a multiple of 2^-53. */
  next(): number {
    const [high, low] = threefry2x32(this.#key, [this.#step++, this.#index]);
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  }
}
