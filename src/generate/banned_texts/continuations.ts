import { isBanned, type TextScanner } from './text_scanner.js';
import type { TokenReader } from './token_reader.js';

/** So many tokens are looked ahead if no shorter way shows that a text can be continued. */
const HORIZON = 32;
const COUNTS = HORIZON + 1;

/** Tells whether texts can be continued until they may end, without a banned text. */
export class Continuations {
  readonly #scanner: TextScanner;
  readonly #reader: TokenReader;
  readonly #unused: ReadonlySet<number>;
  readonly #endsWithin: number;
  /** States to which a token leads back, and in which a text may end: from here it can have any length. */
  readonly #homes: readonly number[];
  readonly #leadsHome = new Map<number, boolean>();
  /** The results of `canGoOn`, by `key`. */
  readonly #known = new Map<number, boolean>();

  /**
   * `unused`: tokens that are never drawn as text. `endsWithin`: an end-of-text token may be drawn if at most so many
   * tokens are left; below 1 if never.
   */
  constructor(scanner: TextScanner, reader: TokenReader, unused: ReadonlySet<number>, endsWithin: number) {
    this.#scanner = scanner;
    this.#reader = reader;
    this.#unused = unused;
    this.#endsWithin = endsWithin;
    this.#homes = scanner.grounds.filter((state) => this.#some(state, (end) => end === state));
  }

  /** Whether some token leads to a state after which a text can have any length. */
  leadsHome(state: number): boolean {
    let leads = this.#leadsHome.get(state);
    if (leads === undefined) {
      leads = this.#some(state, (end) => this.#homes.includes(end));
      this.#leadsHome.set(state, leads);
    }
    return leads;
  }

  /** A number for a state before up to `left` tokens; equal if all that may follow is the same. */
  key(state: number, left: number): number {
    return (state * COUNTS + Math.min(left, HORIZON)) * COUNTS + this.#untilEnd(left);
  }

  /** Whether a text can be continued and ended, if up to `left` tokens may follow. */
  canGoOn(state: number, left: number): boolean {
    return this.#canGoOn(state, Math.min(left, HORIZON), this.#untilEnd(left));
  }

  /** How many tokens must come before one that ends the text. */
  #untilEnd(left: number): number {
    return Math.min(Math.max(0, left - this.#endsWithin), HORIZON);
  }

  #canGoOn(state: number, left: number, untilEnd: number): boolean {
    if (left <= 0) return this.#scanner.mayEnd(state);
    if (this.leadsHome(state) || (untilEnd === 0 && this.#scanner.mayEnd(state))) return true;
    const key = (state * COUNTS + left) * COUNTS + untilEnd;
    let can = this.#known.get(key);
    if (can === undefined) {
      can = this.#some(state, (end) => this.#canGoOn(end, left - 1, Math.max(0, untilEnd - 1)));
      this.#known.set(key, can);
    }
    return can;
  }

  /**
   * Whether a token that may be drawn leads to a state that passes. An incomplete character is taken for broken off:
   * the ways to complete it are too many.
   */
  #some(state: number, passes: (end: number) => boolean): boolean {
    let found = false;
    this.#reader.read(this.#scanner.isPartial(state) ? 'beginning' : 'all', state, (ids, result) => {
      found = !isBanned(result) && ids.some((id) => !this.#unused.has(id)) && passes(result);
      return !found;
    });
    return found;
  }
}
