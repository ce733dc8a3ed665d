const STATE = 624;
const MIDDLE = 397;

/** MT19937 (Matsumoto and Nishimura 1998) with the seeding of 2002, as PyTorch's generator of a CPU. */
export class MersenneTwister {
  readonly #state = new Uint32Array(STATE);
  #at = STATE;

  /** `seed`: a 32-bit integer. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < STATE; i++) {
      const last = state[i - 1]!;
      state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
    }
  }

  /** The next 32-bit integer, from 0. */
  next(): number {
    if (this.#at === STATE) this.#twist();
    let x = this.#state[this.#at++]!;
    x ^= x >>> 11;
    x ^= (x << 7) & 0x9d2c5680;
    x ^= (x << 15) & 0xefc60000;
    return (x ^ (x >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < STATE; i++) {
      const bits = (state[i]! & 0x80000000) | (state[(i + 1) % STATE]! & 0x7fffffff);
      state[i] = state[(i + MIDDLE) % STATE]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}
