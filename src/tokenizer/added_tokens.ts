import { Gpt2Error } from '../base/errors.js';
import { isJsonObject, type JsonObject } from '../files/json_object.js';
import { classOf, WHITE_SPACE } from './pretokenize/unicode_class.js';
import { TokenFinder } from './token_finder.js';
import { quote } from './token_table.js';

/** A token that is found in the text itself, before the text is split into pieces. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Special tokens steer the model; only the caller's permission makes text become one. */
  special: boolean;
  /** Takes the white space before it along. */
  readonly lstrip: boolean;
  /** Takes the white space after it along. */
  readonly rstrip: boolean;
  /** Is found only where no letter, digit, mark or underscore stands beside it. */
  readonly singleWord: boolean;
  /** Is looked for after normalization: here, after all tokens that are not. */
  readonly normalized: boolean;
}

/** The text of a token as settings files name it: a text, or an object with its flags. */
export const contentOf = (token: unknown): unknown => (isJsonObject(token) ? token.content : token);

/** The tokens of a tokenizer's settings files, by their text. A later file adds to what earlier ones said. */
export class AddedTokens {
  readonly #byContent = new Map<string, AddedToken>();
  readonly #idInVocabulary: (content: string) => number | undefined;

  /** `idInVocabulary` looks a text up as the vocabulary file spells it. */
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

  /**
   * Adds a token with its id, as added_tokens.json and tokenizer.json have it; `settings` may hold its flags.
   */
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

  /** Makes a token special that a settings file names, as a text or an object with its flags. */
  addSpecial(file: string, token: unknown): void {
    const settings = isJsonObject(token) ? token : { content: token };
    // A name without an id is a habit of settings files, such as a padding token that was never trained.
    const id = typeof settings.content === 'string' ? this.idOf(settings.content) : undefined;
    if (id !== undefined) this.add(file, settings.content, id, { ...settings, special: true });
  }

  /** The id of a token's text, as the files spell it. */
  idOf(content: string): number | undefined {
    return this.#byContent.get(content)?.id ?? this.#idInVocabulary(content);
  }
}

/** Cuts texts at added tokens, leftmost first and of those the longest; first at those that are not normalized. */
export class TokenSplitter {
  readonly #groups: readonly (readonly AddedToken[])[];
  /** Made for the first text. */
  #passes: readonly SplittingPass[] | undefined;

  constructor(tokens: readonly AddedToken[]) {
    const groups = [false, true].map((normalized) =>
      tokens.filter((token) => token.normalized === normalized),
    );
    this.#groups = groups.filter((group) => group.length > 0);
  }

  /** Ids of the tokens, and the texts between them that are not empty. */
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

  /** `tokens`: at least one, of different contents. */
  constructor(tokens: readonly AddedToken[]) {
    this.#tokens = tokens;
    this.#finder = new TokenFinder(tokens.map(({ content }) => content));
  }

  split(text: string): (string | number)[] {
    const parts: (string | number)[] = [];
    let textStart = 0;
    /** Where white space ends that a token took along: other tokens may stand in it. */
    let whiteEnd = 0;
    for (const { item, index } of this.#finder.find(text)) {
      const { id, content, lstrip, rstrip, singleWord } = this.#tokens[item]!;
      const end = index + content.length;
      // The match still counts: no other token is looked for within it.
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
const WORD = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'u');
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'u');

/** Whether text[start, end) has no part of a word beside it. Two code units hold the character on a side. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  return !ENDS_WITH_WORD.test(before) && !STARTS_WITH_WORD.test(text.slice(end, end + 2));
}

/** White space is all in the basic plane, so that a code unit tells; past the end there is none. */
function isWhiteSpace(text: string, index: number): boolean {
  return index < text.length && classOf(text.charCodeAt(index)) === WHITE_SPACE;
}
