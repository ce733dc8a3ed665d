import { isJsonObject } from '../../../files/json_object.js';
import type { Part } from '../part.js';
import { utf8Length } from '../text/utf8_length.js';
import { missingToken } from './missing_token.js';
import type { PieceModel, TokenSink } from './model.js';
import { TextTrie } from './text_trie.js';
import { TextVocabulary } from './vocabulary.js';

function readVocabulary(part: Part): TextVocabulary {
  if (!isJsonObject(part.json.vocab)) throw part.invalid('its vocab is no object');
  return new TextVocabulary(part.where, Object.entries(part.json.vocab));
}

/** Every word is a token, or the unknown one. */
export class WordLevel implements PieceModel {
  readonly kind = 'WordLevel';
  readonly vocabulary: TextVocabulary;
  readonly #unknownId: number | undefined;
  readonly #where: string;

  constructor(part: Part) {
    this.vocabulary = readVocabulary(part);
    this.#unknownId = this.vocabulary.idOf(part.text('unk_token', '<unk>'));
    this.#where = part.where;
  }

  encode(piece: string, tokens: TokenSink): void {
    const id = this.vocabulary.idOf(piece) ?? this.#unknownId;
    if (id === undefined) throw missingToken(this.#where, piece);
    tokens.push(id, 0, utf8Length(piece));
  }
}

/** The longest token that a word begins with, then the longest that its rest begins with (Wu et al. 2016, as BERT has it). */
export class WordPiece implements PieceModel {
  readonly kind = 'WordPiece';
  readonly vocabulary: TextVocabulary;
  readonly #unknownId: number | undefined;
  readonly #prefix: string;
  readonly #mostCharacters: number;
  /** The tokens of a word's beginning, and those of its rest without their prefix. */
  readonly #first: TextTrie;
  readonly #later: TextTrie;
  readonly #where: string;

  constructor(part: Part) {
    this.vocabulary = readVocabulary(part);
    this.#unknownId = this.vocabulary.idOf(part.text('unk_token', '[UNK]'));
    this.#prefix = part.text('continuing_subword_prefix', '##');
    this.#mostCharacters = part.whole('max_input_chars_per_word', 100);
    const { ids } = this.vocabulary;
    this.#first = new TextTrie(ids);
    const later = [...ids].filter(([text]) => text.startsWith(this.#prefix));
    this.#later = new TextTrie(later.map(([text, id]) => [text.slice(this.#prefix.length), id]));
    this.#where = part.where;
  }

  encode(piece: string, tokens: TokenSink): void {
    const found: { id: number; end: number }[] = [];
    let isKnown = piece.length <= this.#mostCharacters || [...piece].length <= this.#mostCharacters;
    for (let start = 0; isKnown && start < piece.length; ) {
      const best = this.#longestAt(piece, start);
      if (best === undefined) isKnown = false;
      else {
        found.push(best);
        start = best.end;
      }
    }
    if (!isKnown) {
      if (this.#unknownId === undefined) throw missingToken(this.#where, piece);
      tokens.push(this.#unknownId, 0, utf8Length(piece));
      return;
    }
    let start = 0;
    let at = 0;
    for (const { id, end } of found) {
      const bytes = at + utf8Length(piece.slice(start, end));
      tokens.push(id, at, bytes);
      start = end;
      at = bytes;
    }
  }

  #longestAt(piece: string, start: number): { id: number; end: number } | undefined {
    let longest: { id: number; end: number } | undefined;
    const trie = start > 0 ? this.#later : this.#first;
    trie.prefixes(piece, start, (id, end) => {
      longest = { id, end };
    });
    return longest;
  }
}
