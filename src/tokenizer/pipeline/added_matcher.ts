import { type AddedToken, isWhiteSpace, standsAlone } from '../added_tokens.js';
import { TokenFinder } from '../token_finder.js';
import type { AlignedText } from './text/aligned_text.js';
import type { Piece } from './text/pieces.js';

/** Finds added tokens in texts, the longest at the leftmost place first, as the tokenizers library does. */
export class AddedMatcher {
  readonly #tokens: readonly AddedToken[];
  readonly #contents: readonly string[];
  readonly #finder: TokenFinder | undefined;

  /** `contents`: the texts that are searched for the tokens; of equal ones the last counts. */
  constructor(tokens: readonly AddedToken[], contents: readonly string[]) {
    const byContent = new Map<string, AddedToken>();
    for (const [i, token] of tokens.entries()) {
      const content = contents[i]!;
      if (content !== '') byContent.set(content, token);
    }
    this.#contents = [...byContent.keys()];
    this.#tokens = [...byContent.values()];
    if (byContent.size > 0) this.#finder = new TokenFinder(this.#contents);
  }

  split(source: AlignedText): readonly Piece[] {
    if (this.#finder === undefined) return [source];
    const { text } = source;
    const pieces: Piece[] = [];
    /** The end of the last token, with the white space that it includes. */
    let before = 0;
    for (const { item, index } of this.#finder.find(text)) {
      const token = this.#tokens[item]!;
      let start = index;
      let end = index + this.#contents[item]!.length;
      if (token.singleWord && !standsAlone(text, start, end)) continue;
      if (token.lstrip) {
        while (start > before && isWhiteSpace(text, start - 1)) start--;
        // White space that the token before it includes is not its own.
        start = Math.max(start, before);
      }
      if (token.rstrip) while (isWhiteSpace(text, end)) end++;
      if (before < start) pieces.push(source.slice(before, start));
      if (start < end) pieces.push({ id: token.id, found: source.slice(start, end) });
      before = end;
    }
    if (before < text.length) pieces.push(source.slice(before, text.length));
    return pieces;
  }
}
