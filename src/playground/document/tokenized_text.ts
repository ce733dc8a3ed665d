import type { TopToken } from '../../generate/completion.js';

/** A token at its place in the text. */
export interface WrittenToken {
  readonly id: number;
  /** Its share of the text: '' if it ends inside a character; the token that completes the character has all of it. */
  readonly text: string;
  /** ln p after all tokens before it, once the model has been asked. */
  readonly logprob?: number | undefined;
  /** The most likely tokens at its place. */
  readonly top?: readonly TopToken[] | undefined;
}

/** The text and, as far as they are known, the tokens it begins with. */
export interface Writing {
  readonly text: string;
  readonly tokens: readonly WrittenToken[];
}

/** The characters of a text from offset `from` to offset `to`; a place between two characters if they are equal. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

export const EMPTY: Writing = { text: '', tokens: [] };

/** Characters from offset `at` that were replaced by others. */
export interface Change {
  readonly at: number;
  /** Number of characters that were taken away. */
  readonly removed: number;
  readonly added: string;
}

/** The shortest single change that makes one text of another. */
export function changeBetween(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before[at] === after[at]) at++;
  let same = 0;
  while (same < most - at && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { at, removed: before.length - same - at, added: after.slice(at, after.length - same) };
}

export function textOf(tokens: readonly WrittenToken[]): string {
  return tokens.map(({ text }) => text).join('');
}

/** A text as a text area has it: every line break is one line feed. */
export function plainLines(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

/** Whether the tokens are those of the whole text. */
export function isCovered({ text, tokens }: Writing): boolean {
  return tokens.reduce((length, token) => length + token.text.length, 0) === text.length;
}

/** The first `length` characters, with the tokens that end there or before. */
export function headOf({ text, tokens }: Writing, length: number): Writing {
  let end = 0;
  const cut = tokens.findIndex((token) => {
    end += token.text.length;
    return end > length;
  });
  return { text: text.slice(0, length), tokens: whole(cut < 0 ? tokens : tokens.slice(0, cut)) };
}

/** The writing with another text: tokens stay up to the first difference. */
export function edited(writing: Writing, text: string): Writing {
  return { text, tokens: headOf(writing, changeBetween(writing.text, text).at).tokens };
}

/** Without the tokens at the end that have begun a character or ended the text. */
export function whole(tokens: readonly WrittenToken[]): readonly WrittenToken[] {
  return tokens.slice(0, tokens.findLastIndex(({ text }) => text !== '') + 1);
}

/** The index of the token that the character before `offset` belongs to; of the first one at 0. */
export function tokenAt(tokens: readonly WrittenToken[], offset: number): number | undefined {
  let end = 0;
  const index = tokens.findIndex(({ text }) => {
    end += text.length;
    return text !== '' && end >= offset;
  });
  return index < 0 ? undefined : index;
}

/** Stands for bytes that are not a whole character. */
const BROKEN = '\uFFFD';
/** A character has at most four bytes. */
const MOST_TOKENS_OF_A_CHARACTER = 4;

/** The share of a text that each of its tokens has; `decode` gives the text of ids alone. */
export async function tokenTexts(
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
