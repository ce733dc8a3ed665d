import type { ResolvedBannedTexts } from './banned_texts.js';
import { FoldedPatterns } from './folded_patterns.js';

/** A part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds banned texts in whole texts. */
export class TextFinder {
  readonly #patterns: FoldedPatterns;

  /** Throws `invalid-option` (see `patternsOf`). */
  constructor(options: ResolvedBannedTexts) {
    this.#patterns = new FoldedPatterns(options, []);
  }

  /** Where a text has banned ones; of several that end at the same place the longest. */
  find(text: string): Span[] {
    const { automaton, boundary } = this.#patterns;
    const found: { start: number; end: number }[] = [];
    /** The places of all symbols so far. */
    const places: Span[] = [];
    let state = 0;
    let inWord = 0;
    const read = (symbol: number, start: number, end: number) => {
      state = automaton.next(state, symbol);
      places.push({ start, end });
      const length = automaton.matched(state);
      if (length > 0) found.push({ start: places[places.length - length]!.start, end });
    };
    let at = 0;
    for (const character of text) {
      const all = this.#patterns.fold(character.codePointAt(0)!);
      // A mark that does not count belongs to the letter before it.
      const last = found.at(-1);
      if (all.length === 0 && last?.end === at) last.end += character.length;
      for (const folded of all) {
        if ((folded & 1) !== inWord) read(boundary, at, at);
        inWord = folded & 1;
        read(folded >> 1, at, at + character.length);
      }
      at += character.length;
    }
    if (inWord === 1) read(boundary, at, at);
    return found;
  }
}
