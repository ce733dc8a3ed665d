import { MersenneTwister } from './mersenne_twister.js';
import type { ResolvedSynthId } from './resolved_watermark.js';

/** The lower 32 bits of the multiplier of the hash; the table's index has no others. */
const MULTIPLIER = 0x4c957f2d;

/**
 * The values of tokens in tournaments (Dathathri et al. 2024): for each key 0 or 1, from a table of random bits, by a
 * hash of the tokens before, the token and the key. transformers computes the hash with 64 bits.
 */
export class Tournament {
  readonly ngramLen: number;
  /** Number of layers. */
  readonly depth: number;
  readonly #keys: Int32Array;
  readonly #table: Uint8Array;
  readonly #mask: number;

  constructor({ ngramLen, keys, samplingTable }: ResolvedSynthId) {
    this.ngramLen = ngramLen;
    this.depth = keys.length;
    this.#keys = Int32Array.from(keys, (key) => key);
    this.#table = samplingTable;
    this.#mask = samplingTable.length - 1;
  }

  /** Hash of some tokens, which `withToken` extends. */
  hash(tokens: readonly number[]): number {
    return tokens.reduce((hash, token) => this.withToken(hash, token), 1);
  }

  withToken(hash: number, token: number): number {
    return (Math.imul(hash + token, MULTIPLIER) + 1) | 0;
  }

  /** The value in a layer of an n-gram of this hash. */
  value(hash: number, layer: number): number {
    return this.#table[this.withToken(hash, this.#keys[layer]!) & this.#mask]!;
  }

  /** Writes the values in a layer of n-grams of these hashes. */
  values(hashes: Int32Array, layer: number, values: Uint8Array): void {
    const table = this.#table;
    const mask = this.#mask;
    const key = this.#keys[layer]!;
    for (let i = 0; i < hashes.length; i++) {
      values[i] = table[(Math.imul(hashes[i]! + key, MULTIPLIER) + 1) & mask]!;
    }
  }
}

/** A table of random bits: that of PyTorch's `randint` on a CPU with the same seed, of which 32 bits count. */
export function randomBits(size: number, seed: number): Uint8Array {
  const random = new MersenneTwister(seed);
  return new Uint8Array(size).map(() => random.next() & 1);
}
