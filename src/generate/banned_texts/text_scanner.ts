import { isContinuation } from '../../base/utf8.js';
import type { ResolvedBannedTexts } from './banned_texts.js';
import { FoldedPatterns } from './folded_patterns.js';
import { REPLACEMENT } from './folding.js';
import type { PatternAutomaton } from './pattern_automaton.js';

/** A state is (4 * state of the automaton + flags) * PARTIALS + the bytes of an incomplete character as one number. */
const PARTIALS = 2 ** 24;
const IN_WORD = 1;
const IS_START = 2;
const FLAGS = 4;

/** Whether a result of `scan` says that a banned text is complete. */
export const isBanned = (result: number): boolean => result < 0;

/** The state of such a result, or the result for a state. */
export const unbanned = (result: number): number => -1 - result;

/**
 * Reads UTF-8 byte by byte, and finds banned texts. A state is a number of 0 or more: all that matters of the bytes
 * before; 0 if there are none. Bytes that are no character are read as U+FFFD, which decoders write for them.
 */
export class TextScanner {
  readonly #patterns: FoldedPatterns;
  readonly #automaton: PatternAutomaton;
  readonly #wholeWords: boolean;

  /** `stops`: strings before which the text may end. Throws `invalid-option` (see `patternsOf`). */
  constructor(options: ResolvedBannedTexts, stops: readonly string[]) {
    this.#patterns = new FoldedPatterns(options, stops);
    this.#automaton = this.#patterns.automaton;
    this.#wholeWords = options.wholeWords;
  }

  /** The state after one more byte; if that completes a banned text, its `unbanned`, which is negative. */
  scan(state: number, byte: number): number {
    const place = Math.floor(state / PARTIALS);
    const partial = state - place * PARTIALS;
    if (partial === 0) return this.#scanFirst(place, byte);
    if (continues(partial, byte)) {
      const more = partial * 256 + byte;
      const codePoint = codePointOf(more);
      return codePoint === undefined ? place * PARTIALS + more : this.#read(place, codePoint);
    }
    const broken = this.#read(place, REPLACEMENT);
    if (!isBanned(broken)) return this.#scanFirst(broken / PARTIALS, byte);
    const result = this.#scanFirst(unbanned(broken) / PARTIALS, byte);
    return isBanned(result) ? result : unbanned(result);
  }

  /** As `scan`, for the end of an incomplete character, if there is one. */
  breakOff(state: number): number {
    return this.isPartial(state) ? this.#read(Math.floor(state / PARTIALS), REPLACEMENT) : state;
  }

  /** All results of `ground`. */
  get grounds(): number[] {
    return this.#wholeWords ? [0, IN_WORD * PARTIALS] : [0];
  }

  /** Whether the bytes end inside a character. */
  isPartial(state: number): boolean {
    return state % PARTIALS !== 0;
  }

  /** The state without any beginning of a banned text, after the same kind of character. `state`: not partial. */
  ground(state: number): number {
    return ((state / PARTIALS) & IN_WORD) * PARTIALS;
  }

  /** The state of a completion after a prompt: a whole word that the prompt has to its last letter is not banned. */
  begin(state: number): number {
    if (!this.#wholeWords) return state;
    const place = Math.floor(state / PARTIALS);
    return (place | IS_START) * PARTIALS + (state - place * PARTIALS);
  }

  /** Whether the text may end: it has no banned whole word at its end. */
  mayEnd(state: number): boolean {
    const result = this.breakOff(state);
    if (isBanned(result)) return false;
    const place = result / PARTIALS;
    if ((place & (IN_WORD | IS_START)) !== IN_WORD) return true;
    const end = this.#automaton.next(Math.floor(place / FLAGS), this.#patterns.boundary);
    return this.#automaton.matched(end) === 0;
  }

  #scanFirst(place: number, byte: number): number {
    if (byte >= 0xc2 && byte <= 0xf4) return place * PARTIALS + byte;
    return this.#read(place, byte < 0x80 ? byte : REPLACEMENT);
  }

  #read(place: number, codePoint: number): number {
    const automaton = this.#automaton;
    let state = Math.floor(place / FLAGS);
    let flags = place & (FLAGS - 1);
    let isComplete = false;
    for (const folded of this.#patterns.fold(codePoint)) {
      const inWord = folded & IN_WORD;
      if (inWord !== (flags & IN_WORD)) {
        state = automaton.next(state, this.#patterns.boundary);
        isComplete ||= automaton.matched(state) > 0 && (flags & IS_START) === 0;
      }
      flags = inWord;
      state = automaton.next(state, folded >> 1);
      isComplete ||= automaton.matched(state) > 0;
    }
    const result = (state * FLAGS + flags) * PARTIALS;
    return isComplete ? unbanned(result) : result;
  }
}

/** Whether a byte continues the first bytes of a character: not if that were an overlong form or a surrogate. */
function continues(partial: number, byte: number): boolean {
  if (partial === 0xe0) return byte >= 0xa0 && byte < 0xc0;
  if (partial === 0xed) return byte >= 0x80 && byte < 0xa0;
  if (partial === 0xf0) return byte >= 0x90 && byte < 0xc0;
  if (partial === 0xf4) return byte >= 0x80 && byte < 0x90;
  return isContinuation(byte);
}

/** The character of UTF-8 bytes as one number; undefined if it is not complete. */
function codePointOf(bytes: number): number | undefined {
  const low = (shift: number) => (bytes >>> shift) & 0x3f;
  if (bytes < 0xe000) return (((bytes >>> 8) & 0x1f) << 6) | low(0);
  if (bytes < 0x10000) return undefined;
  if (bytes < 0xf00000) return (((bytes >>> 16) & 0x0f) << 12) | (low(8) << 6) | low(0);
  if (bytes < 0x1000000) return undefined;
  return (((bytes / 2 ** 24) & 0x07) << 18) | (low(16) << 12) | (low(8) << 6) | low(0);
}
