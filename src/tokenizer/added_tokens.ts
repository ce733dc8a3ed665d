import { Gpt2Error } from '../base/errors.js';
import { isJsonObject, type JsonObject } from '../files/json_object.js';
import { classOf, WHITE_SPACE } from './pretokenize/unicode_class.js';
import { TokenFinder } from './token_finder.js';
import { quote } from './token_table.js';

/** A token that is searched in the text before the text is split into pieces. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Special tokens control the model; text is encoded to them only if the caller allows it. */
  special: boolean;
  /** Includes the white space before it. */
  readonly lstrip: boolean;
  /** Includes the white space after it. */
  readonly rstrip: boolean;
  /** Matches only if no letter, digit, mark or underscore is next to it. */
  readonly singleWord: boolean;
  /** Is searched after normalization: here, after all tokens for which this is false. */
  readonly normalized: boolean;
}

/** The text of a token in a settings file, which is a string or an object with flags. */
export const contentOf = (token: unknown): unknown => (isJsonObject(token) ? token.content : token);

/** The tokens of a tokenizer's settings files, by their text. Later files add to earlier ones. */
export class AddedTokens {
  readonly #byContent = new Map<string, AddedToken>();
  readonly #idInVocabulary: (content: string) => number | undefined;

  /** `idInVocabulary` finds the id of a text in the vocabulary file. */
  constructor(idInVocabulary: (content: string) => number | undefined) {
    this.#idInVocabulary = idInVocabulary;
  }

  get all(): AddedToken[] {
    return [...this.#byContent.values()];
  }

  /** The tokens that the vocabulary file lacks. */
  get outsideVocabulary(): AddedToken[] {
    return this.all.filter(({ content }) => this.#idInVocabulary(content) === undefined);
  }

  /** Adds a token with its id, from added_tokens.json or tokenizer.json; `settings` may hold its flags. */
  add(file: string, content: unknown, id: unknown, settings: JsonObject): void {
    if (typeof content !== 'string' || content === '') {
      throw new Gpt2Error('invalid-file', `${file}: the added token with id ${quote(id)} has no text`);
    }
    if (typeof id !== 'number') {
      throw new Gpt2Error('invalid-file', `${file}: the added token ${quote(content)} has no id`);
    }
    const known = this.idOf(content);
    if (known !== undefined && known !== id) {
      throw new Gpt2Error(
        'invalid-file',
        `${file}: the added token ${quote(content)} has id ${id}, but id ${known} elsewhere in this tokenizer`,
      );
    }
    const earlier = this.#byContent.get(content);
    const special = settings.special === true;
    if (earlier === undefined) {
      const { lstrip, rstrip, single_word: singleWord, normalized = !special } = settings;
      this.#byContent.set(content, {
        content,
        id,
        special,
        lstrip: lstrip === true,
        rstrip: rstrip === true,
        singleWord: singleWord === true,
        normalized: normalized === true,
      });
    } else if (special) {
      earlier.special = true;
    }
  }

  /** Makes a token special that a settings file names, by a string or an object with flags. */
  addSpecial(file: string, token: unknown): void {
    const settings = isJsonObject(token) ? token : { content: token };
    // Settings files often name tokens that have no id, such as a padding token that was never trained.
    const id = typeof settings.content === 'string' ? this.idOf(settings.content) : undefined;
    if (id !== undefined) this.add(file, settings.content, id, { ...settings, special: true });
  }

  /** The id of a token's text. */
  idOf(content: string): number | undefined {
    return this.#byContent.get(content)?.id ?? this.#idInVocabulary(content);
  }
}

/**
 * Splits texts at added tokens: at the leftmost, of these the longest; at those that are not normalized
 * first.
 */
export class TokenSplitter {
  readonly #groups: readonly (readonly AddedToken[])[];
  /** Created for the first text. */
  #passes: readonly SplittingPass[] | undefined;

  constructor(tokens: readonly AddedToken[]) {
    const groups = [false, true].map((normalized) =>
      tokens.filter((token) => token.normalized === normalized),
    );
    this.#groups = groups.filter((group) => group.length > 0);
  }

  /** The ids of the tokens, and the texts between them unless they are empty. */
  split(text: string): (string | number)[] {
    this.#passes ??= this.#groups.map((group) => new SplittingPass(group));
    let parts: (string | number)[] = text === '' ? [] : [text];
    for (const pass of this.#passes) {
      parts = parts.flatMap((part) => (typeof part === 'string' ? pass.split(part) : [part]));
    }
    return parts;
  }
}

class SplittingPass {
  readonly #tokens: readonly AddedToken[];
  readonly #finder: TokenFinder;

  /** `tokens`: at least one, with different contents. */
  constructor(tokens: readonly AddedToken[]) {
    this.#tokens = tokens;
    this.#finder = new TokenFinder(tokens.map(({ content }) => content));
  }

  split(text: string): (string | number)[] {
    const parts: (string | number)[] = [];
    let textStart = 0;
    /** The end of the white space that a token includes; other tokens may lie in it. */
    let whiteEnd = 0;
    for (const { item, index } of this.#finder.find(text)) {
      const { id, content, lstrip, rstrip, singleWord } = this.#tokens[item]!;
      const end = index + content.length;
      // The match is skipped as a whole: no other token is searched within it.
      if (singleWord && !standsAlone(text, index, end)) continue;
      let textEnd = index;
      if (lstrip) while (textEnd > textStart && isWhiteSpace(text, textEnd - 1)) textEnd--;
      if (textEnd > textStart) parts.push(text.slice(textStart, textEnd));
      parts.push(id);
      textStart = end;
      if (!rstrip) continue;
      whiteEnd = Math.max(end, whiteEnd);
      while (isWhiteSpace(text, whiteEnd)) whiteEnd++;
      textStart = whiteEnd;
    }
    if (textStart < text.length) parts.push(text.slice(textStart));
    return parts;
  }
}

/** `\w` of Unicode's regular expressions (UTS 18), at the end and at the start of a text. */
export const WORD_CHARACTER = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const ENDS_WITH_WORD = new RegExp(`${WORD_CHARACTER}$`, 'u');
const STARTS_WITH_WORD = new RegExp(`^${WORD_CHARACTER}`, 'u');

/** Whether no part of a word is next to text[start, end). Two code units hold the character on each side. */
export function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  return !ENDS_WITH_WORD.test(before) && !STARTS_WITH_WORD.test(text.slice(end, end + 2));
}

/**
 * Whether there is white space at `index`. All of it is in the basic plane, so that one code unit is enough.
 */
export function isWhiteSpace(text: string, index: number): boolean {
  return index < text.length && classOf(text.charCodeAt(index)) === WHITE_SPACE;
}
