import { power } from '../../base/exact_math.js';
import { RandomStream } from '../../base/random.js';
import { spread } from '../grams/gram_table.js';

/** Most hash functions of a signature. */
const HASHES = 128;
/** Limit of the share of pairs at the threshold that no band finds; more similar pairs are missed less often. */
const MISSED = 1e-4;

/** A signature's division for locality-sensitive hashing. */
export interface Bands {
  readonly bands: number;
  /** Minima of each band. */
  readonly rows: number;
}

/**
 * Bands of as many rows as find all but one in 10,000 pairs of a Jaccard similarity: those that agree in all
 * rows of one of b bands of r rows are 1 - (1 - s^r)^b of the pairs of similarity s.
 */
export function bandsFor(similarity: number): Bands {
  for (let rows = HASHES; rows > 1; rows--) {
    const bands = Math.floor(HASHES / rows);
    if (power(1 - power(similarity, rows), bands) <= MISSED) return { bands, rows };
  }
  return { bands: HASHES, rows: 1 };
}

/**
 * MinHash signatures (Broder 1997): the least values of hash functions over a set, of which two sets have the
 * same with a probability equal to their Jaccard similarity.
 */
export class MinHash {
  readonly #shape: Bands;
  readonly #masks: Int32Array;
  readonly #factors: Int32Array;
  readonly #least: Int32Array;

  constructor(shape: Bands) {
    this.#shape = shape;
    const random = new RandomStream(0, 0);
    const numbers = () =>
      Int32Array.from({ length: shape.bands * shape.rows }, () => Math.floor(random.next() * 2 ** 32) | 0);
    this.#masks = numbers();
    this.#factors = numbers().map((factor) => factor | 1);
    this.#least = new Int32Array(this.#masks.length);
  }

  /** Begins the signature of another set. */
  reset(): void {
    this.#least.fill(0x7fffffff);
  }

  /** Adds a member by its 32-bit hash. */
  add(hash: number): void {
    const [least, masks, factors] = [this.#least, this.#masks, this.#factors];
    for (let i = 0; i < least.length; i++) {
      const value = Math.imul(hash ^ masks[i]!, factors[i]!);
      if (value < least[i]!) least[i] = value;
    }
  }

  /** The 32-bit key of a band of the signature. */
  key(band: number): number {
    const { rows } = this.#shape;
    let key = band;
    for (let i = band * rows; i < (band + 1) * rows; i++) key = spread(key ^ this.#least[i]!);
    return key;
  }
}
