import type { TopToken } from '../generate/completion.js';

/** A token at its place in the text. */
export interface WrittenToken {
  readonly id: number;
  /** What it adds to the text: '' where it ends inside a character, whose last token then has the whole of it. */
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

export const EMPTY: Writing = { text: '', tokens: [] };

export function textOf(tokens: readonly WrittenToken[]): string {
  return tokens.map(({ text }) => text).join('');
}

/** Whether the tokens are those of the whole text. */
export function isCovered({ text, tokens }: Writing): boolean {
  return tokens.reduce((length, token) => length + token.text.length, 0) === text.length;
}

/** The writing with another text: tokens stay as far as nothing has changed. */
export function edited({ text: before, tokens }: Writing, text: string): Writing {
  let same = 0;
  while (same < text.length && text[same] === before[same]) same++;
  let end = 0;
  const kept = tokens.findIndex((token) => {
    end += token.text.length;
    return end > same;
  });
  return { text, tokens: whole(kept < 0 ? tokens : tokens.slice(0, kept)) };
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

/** Where the bytes of tokens cannot be told apart as text. */
const BROKEN = '\uFFFD';
/** A character has at most four bytes. */
const MOST_TOKENS_OF_A_CHARACTER = 4;

/** The texts that the tokens of a text add to it; `decode` gives the text of ids alone. */
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
