/*
 * The model's probabilities as whole numbers. The frequencies of all tokens and of the escape, which comes last, sum
 * to TOTAL at every position, and none is 0. Products are rounded as IEEE 754 says, sums are exact: every machine
 * computes the same.
 */

export const TOTAL_BITS = 32;
/** Sum of all frequencies. */
export const TOTAL = 2 ** TOTAL_BITS;

/**
 * The frequencies that scaling leaves for the escape: 2 ** -14 of TOTAL. The sum of a softmax in 32-bit floats exceeds 1 by less than
 * 2 ** -15 (256 additions in each lane, assembly/kernels/softmax.ts), so that at least half of it remains.
 */
const ESCAPE = TOTAL / 2 ** 14;

/** A part of the numbers from 0 to TOTAL. */
export interface Interval {
  readonly start: number;
  readonly size: number;
}

/** Frequencies of the tokens of a vocabulary. */
export class Distribution {
  readonly #scale: number;

  constructor(vocabSize: number) {
    this.#scale = TOTAL - ESCAPE - vocabSize;
  }

  /** The interval of a token. `probabilities` [V] sum to 1. */
  token(probabilities: Float32Array, id: number): Interval {
    return { start: this.#sum(probabilities, id), size: this.#frequency(probabilities[id]!) };
  }

  /** The interval of the escape. */
  escape(probabilities: Float32Array): Interval {
    const start = this.#sum(probabilities, probabilities.length);
    return { start, size: TOTAL - start };
  }

  /** The token in whose interval a number from 0 to TOTAL - 1 is; without an id, the escape. */
  at(probabilities: Float32Array, value: number): Interval & { readonly id?: number } {
    let start = 0;
    for (let id = 0; id < probabilities.length; id++) {
      const size = this.#frequency(probabilities[id]!);
      if (value < start + size) return { id, start, size };
      start += size;
    }
    return { start, size: TOTAL - start };
  }

  /** The sum of the first `count` frequencies. */
  #sum(probabilities: Float32Array, count: number): number {
    let sum = 0;
    for (let id = 0; id < count; id++) sum += this.#frequency(probabilities[id]!);
    return sum;
  }

  #frequency(probability: number): number {
    return 1 + Math.floor(probability * this.#scale);
  }
}
