/**
 * A stop string and the length of its longest prefix with which the text ends (Knuth, Morris and Pratt 1977).
 */
class Pattern {
  readonly text: string;
  /** Length of the longest prefix of `text` with which the scanned text ends, in UTF-16 units. */
  matched = 0;
  /** borders[i]: length of the longest proper prefix of text[0..i] that is also its suffix. */
  readonly #borders: Int32Array;

  constructor(text: string) {
    this.text = text;
    this.#borders = new Int32Array(text.length);
    for (let i = 1; i < text.length; i++) {
      this.#borders[i] = this.#extend(this.#borders[i - 1]!, text.charCodeAt(i));
    }
  }

  #extend(matched: number, unit: number): number {
    while (matched > 0 && this.text.charCodeAt(matched) !== unit) matched = this.#borders[matched - 1]!;
    return this.text.charCodeAt(matched) === unit ? matched + 1 : 0;
  }

  /** Scans one UTF-16 unit; true when the whole string has been seen. */
  scan(unit: number): boolean {
    this.matched = this.#extend(this.matched, unit);
    return this.matched === this.text.length;
  }
}

/**
 * Cuts streamed text before the first stop string, and never returns a part of one: the longest end of the
 * text that may still become a stop string is held back until that is decided.
 *
 * The stop string that is complete first ends the text; of several that are complete at the same character,
 * the longest. The result does not depend on how the text is split into pieces. The time is linear in the
 * length of the text, for each stop string.
 */
export class StopStrings {
  readonly #patterns: readonly Pattern[];
  #held = '';
  #matched: string | undefined;

  /** `stops`: none may be empty. */
  constructor(stops: readonly string[]) {
    this.#patterns = stops.map((stop) => new Pattern(stop));
  }

  /** The stop string that ended the text; undefined so far if none did. */
  get matched(): string | undefined {
    return this.#matched;
  }

  /** Adds the next piece, and returns the text that is now known to come before any stop string. */
  push(piece: string): string {
    if (this.#matched !== undefined) return '';
    const before = this.#held;
    const first = (length: number) =>
      length <= before.length ? before.slice(0, length) : before + piece.slice(0, length - before.length);

    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i);
      for (const pattern of this.#patterns) {
        const complete = pattern.scan(unit);
        if (complete && pattern.text.length > (this.#matched?.length ?? 0)) this.#matched = pattern.text;
      }
      if (this.#matched !== undefined) {
        this.#held = '';
        return first(before.length + i + 1 - this.#matched.length);
      }
    }
    this.#held = '';
    for (const { text, matched } of this.#patterns) {
      if (matched > this.#held.length) this.#held = text.slice(0, matched);
    }
    return first(before.length + piece.length - this.#held.length);
  }

  /** Ends the text, and returns the text that was held back. */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}
