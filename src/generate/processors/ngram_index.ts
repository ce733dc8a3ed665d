/** Multiplier of the rolling hash. It is odd, so that multiplying modulo 2^32 loses no information. */
const BASE = 0x9e3779b1;

/** A run of n - 1 tokens in the sequence. */
interface Run {
  /** The position after its latest occurrence. */
  end: number;
  /** All tokens that have followed it. */
  readonly followers: Set<number>;
}

/**
 * Finds the tokens that would complete an n-gram that a sequence contains already. Runs of n - 1 tokens are
 * looked up by a rolling hash, so that neither the time nor the memory per token grows with n or with the
 * text.
 */
export class NgramIndex {
  /** n - 1. */
  readonly #length: number;
  readonly #tokens: number[] = [];
  readonly #runs = new Map<number, Run[]>();
  /** The run at the end of the sequence, if it occurred before. */
  #current: Run | undefined;
  /**
   * Hash of the run at the end: the sum of (token + 1) * BASE ** (number of tokens after it), modulo 2^32.
   */
  #hash = 0;
  /** BASE ** length, once the sequence has that many tokens. */
  #power = 1;

  /** `size`: n, at least 1. */
  constructor(size: number) {
    this.#length = size - 1;
  }

  /** Appends a token to the sequence. */
  push(token: number): void {
    const tokens = this.#tokens;
    const run = this.#current;
    const before = run?.end;
    if (run !== undefined) {
      run.followers.add(token);
      run.end = tokens.length;
    } else if (tokens.length >= this.#length) {
      const others = this.#runs.get(this.#hash);
      const first = { end: tokens.length, followers: new Set([token]) };
      if (others === undefined) this.#runs.set(this.#hash, [first]);
      else others.push(first);
    }
    tokens.push(token);
    this.#roll(token);
    this.#current = this.#find(before);
  }

  /** The tokens that would complete an n-gram of the sequence. */
  repeats(): Iterable<number> {
    return this.#current?.followers ?? [];
  }

  #roll(token: number): void {
    const tokens = this.#tokens;
    this.#hash = (Math.imul(this.#hash, BASE) + token + 1) | 0;
    if (tokens.length <= this.#length) this.#power = Math.imul(this.#power, BASE);
    else {
      const oldest = tokens[tokens.length - 1 - this.#length]!;
      this.#hash = (this.#hash - Math.imul(this.#power, oldest + 1)) | 0;
    }
  }

  /**
   * The run at the end, if it is known; `before` is the earlier `end` of the run that ended one token before.
   */
  #find(before: number | undefined): Run | undefined {
    const tokens = this.#tokens;
    if (tokens.length < this.#length) return undefined;
    const isSame = ({ end }: Run) => {
      // If the text before is known to repeat, comparing the last token is enough.
      const unknown = end - 1 === before ? Math.min(1, this.#length) : this.#length;
      for (let i = 1; i <= unknown; i++) {
        if (tokens[end - i] !== tokens[tokens.length - i]) return false;
      }
      return true;
    };
    return this.#runs.get(this.#hash)?.find(isSame);
  }
}
