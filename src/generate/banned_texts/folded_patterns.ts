import type { ResolvedBannedTexts } from './banned_texts.js';
import { foldCharacter, isWordCharacter } from './folding.js';
import { PatternAutomaton } from './pattern_automaton.js';
import { BOUNDARY, patternsOf } from './patterns.js';

/** Banned texts as patterns, and the symbols of characters that are compared with them. */
export class FoldedPatterns {
  readonly automaton: PatternAutomaton;
  /** The symbol between characters of which one is part of a word; only with `wholeWords`. */
  readonly boundary: number;
  readonly #options: ResolvedBannedTexts;
  /** By code point or `BOUNDARY`, from 1 on. */
  readonly #symbols = new Map<number, number>();
  /** By code point. */
  readonly #folded = new Map<number, readonly number[]>();

  /** Throws `invalid-option` (see `patternsOf`). */
  constructor(options: ResolvedBannedTexts, stops: readonly string[]) {
    this.#options = options;
    const patterns = patternsOf(options, stops);
    for (const symbol of patterns.flat()) {
      if (!this.#symbols.has(symbol)) this.#symbols.set(symbol, this.#symbols.size + 1);
    }
    const symbolsOf = (pattern: readonly number[]) => pattern.map((symbol) => this.#symbols.get(symbol)!);
    this.automaton = new PatternAutomaton(patterns.map(symbolsOf), this.#symbols.size + 1);
    this.boundary = this.#symbols.get(BOUNDARY) ?? 0;
  }

  /** For each folded character of one: 2 * its symbol + (1 in words, with `wholeWords`). */
  fold(codePoint: number): readonly number[] {
    let folded = this.#folded.get(codePoint);
    if (folded === undefined) {
      const { wholeWords } = this.#options;
      folded = foldCharacter(codePoint, this.#options).map(
        (each) => 2 * (this.#symbols.get(each) ?? 0) + (wholeWords && isWordCharacter(each) ? 1 : 0),
      );
      this.#folded.set(codePoint, folded);
    }
    return folded;
  }
}
