import type { TopToken } from '../../generate/completion.js';

/** A token of a text. */
export interface TextToken {
  readonly id: number;
  /**
   * Characters of the text that the token has; '' if it ends inside a character, which the next token then
   * has.
   */
  readonly text: string;
  /** Log-probability after all tokens before it, once the model has computed it. */
  readonly logprob?: number | undefined;
  /** The likeliest tokens at its place. */
  readonly top?: readonly TopToken[] | undefined;
}

/** A text with the tokens that are known so far, which cover a beginning of the text. */
export interface TokenizedText {
  readonly text: string;
  readonly tokens: readonly TextToken[];
}

/**
 * Characters of a text from offset `from` to offset `to`, exclusive; a place between characters if they are
 * equal.
 */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

export const EMPTY: TokenizedText = { text: '', tokens: [] };

/** A replacement of characters from offset `at` on. */
export interface Change {
  readonly at: number;
  /** Number of removed characters. */
  readonly removed: number;
  readonly added: string;
}

/**
 * The shortest single change from one text to another that reaches offset `end` of the latter: typed and pasted
 * characters are new up to the caret, also if they equal what they replaced.
 */
export function changeBetween(before: string, after: string, end = 0): Change {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before[at] === after[at]) at++;
  const mostSame = Math.min(most - at, after.length - end);
  let same = 0;
  while (same < mostSame && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { at, removed: before.length - same - at, added: after.slice(at, after.length - same) };
}

export function textOf(tokens: readonly TextToken[]): string {
  return tokens.map(({ text }) => text).join('');
}

/** The text with a line feed for every line break, as text areas have it. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

/** Whether the tokens cover the whole text. */
export function isTokenized({ text, tokens }: TokenizedText): boolean {
  return tokens.reduce((length, token) => length + token.text.length, 0) === text.length;
}

/** The first `length` characters, with the tokens that end within them. */
export function headOf({ text, tokens }: TokenizedText, length: number): TokenizedText {
  let end = 0;
  const cut = tokens.findIndex((token) => {
    end += token.text.length;
    return end > length;
  });
  return { text: text.slice(0, length), tokens: completeTokens(cut < 0 ? tokens : tokens.slice(0, cut)) };
}

/** Another text, with the tokens before the first difference. */
export function edited(before: TokenizedText, text: string): TokenizedText {
  return { text, tokens: headOf(before, changeBetween(before.text, text).at).tokens };
}

/** The tokens without those at the end that have no characters: they begin a character, or end the text. */
export function completeTokens(tokens: readonly TextToken[]): readonly TextToken[] {
  return tokens.slice(0, tokens.findLastIndex(({ text }) => text !== '') + 1);
}

/** Index of the token with the character before `offset`; of the first token for offset 0. */
export function tokenAt(tokens: readonly TextToken[], offset: number): number | undefined {
  let end = 0;
  const index = tokens.findIndex(({ text }) => {
    end += text.length;
    return text !== '' && end >= offset;
  });
  return index < 0 ? undefined : index;
}

/** Replacement for bytes that are not a whole character. */
const BROKEN = '\uFFFD';
/** A character has at most four bytes in UTF-8. */
const MOST_TOKENS_OF_A_CHARACTER = 4;

/** The characters of a text that each of its tokens has. `decode` gives the text of ids. */
export async function textsOfTokens(
  text: string,
  ids: readonly number[],
  decode: (ids: readonly number[]) => Promise<string>,
): Promise<string[]> {
  const alone = await Promise.all(ids.map((id) => decode([id])));
  const texts: string[] = [];
  let at = 0;
  while (texts.length < ids.length) {
    const first = texts.length;
    let piece = alone[first]!;
    let count = 1;
    while (piece.includes(BROKEN) && !text.startsWith(piece, at) && count < MOST_TOKENS_OF_A_CHARACTER) {
      count++;
      piece = await decode(ids.slice(first, first + count));
    }
    texts.push(...Array<string>(count - 1).fill(''), piece);
    at += piece.length;
  }
  return texts.slice(0, ids.length);
}
