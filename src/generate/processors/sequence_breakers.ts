import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** Finds the tokens of a text in which one of some texts ends, however they are cut into tokens. */
export class SequenceBreakers {
  readonly #tokenizer: Tokenizer;
  readonly #breakers: readonly Uint8Array[];
  /** The last bytes of the text, as many as can begin a breaker. */
  #tail: readonly number[] = [];
  readonly #most: number;

  /** None of the texts is empty. */
  constructor(texts: readonly string[], tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#breakers = texts.map((text) => new TextEncoder().encode(text));
    this.#most = this.#breakers.reduce((most, { length }) => Math.max(most, length), 1) - 1;
  }

  /** Whether a breaker ends in this token, which the text gets. */
  push(token: number): boolean {
    const before = this.#tail;
    const bytes = [...before, ...this.#bytesOf(token)];
    this.#tail = bytes.slice(Math.max(0, bytes.length - this.#most));
    return this.#breakers.some((breaker) => contains(bytes, breaker, before.length - breaker.length + 1));
  }

  /** Whether a token alone contains a breaker. */
  isIn(token: number): boolean {
    return this.#breakers.some((breaker) => contains(this.#bytesOf(token), breaker, 0));
  }

  /** Ids beyond the tokenizer's vocabulary have no bytes. */
  #bytesOf(token: number): ArrayLike<number> & Iterable<number> {
    return token < this.#tokenizer.vocabSize ? this.#tokenizer.tokenBytes(token) : [];
  }
}

function contains(bytes: ArrayLike<number>, part: Uint8Array, start: number): boolean {
  for (let at = Math.max(0, start); at + part.length <= bytes.length; at++) {
    if (part.every((byte, i) => byte === bytes[at + i])) return true;
  }
  return false;
}
