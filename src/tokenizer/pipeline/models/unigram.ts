import { quote } from '../../token_table.js';
import type { Part } from '../part.js';
import { utf8Length } from '../text/utf8_length.js';
import { missingToken } from './missing_token.js';
import type { PieceModel, TokenSink } from './model.js';
import { TextTrie } from './text_trie.js';
import { byteTokens, TextVocabulary } from './vocabulary.js';

/** An unknown character scores so much less than the worst token. */
const UNKNOWN_PENALTY = 10;

const utf8 = new TextEncoder();

/** The likeliest tokens of a piece, if each has a probability of its own (Kudo 2018), by Viterbi's algorithm. */
export class Unigram implements PieceModel {
  readonly kind: string;
  readonly vocabulary: TextVocabulary;
  readonly #scores: Float64Array;
  readonly #unknownScore: number;
  readonly #unknownId: number | undefined;
  readonly #byteIds: readonly (number | undefined)[] | undefined;
  readonly #trie: TextTrie;
  readonly #where: string;

  /** Throws `invalid-file`. */
  constructor(part: Part) {
    const entries = part.list('vocab').map((entry, id) => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string' || !Number.isFinite(entry[1])) {
        throw part.invalid(`its token ${id} is ${quote(entry)}, not a text and a score`);
      }
      return entry as [text: string, score: number];
    });
    this.#where = part.where;
    this.vocabulary = new TextVocabulary(
      part.where,
      entries.map(([text], id) => [text, id]),
    );
    this.#scores = Float64Array.from(entries, ([, score]) => score);
    this.#unknownScore =
      this.#scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) -
      UNKNOWN_PENALTY;
    this.#unknownId = part.json.unk_id == null ? undefined : part.whole('unk_id');
    if (this.#unknownId !== undefined && this.#unknownId >= entries.length) {
      throw part.invalid(`its unk_id is ${this.#unknownId}, but it has ${entries.length} tokens`);
    }
    if (part.flag('byte_fallback', false)) this.#byteIds = byteTokens(this.vocabulary);
    this.#trie = new TextTrie(this.vocabulary.ids);
    this.kind = this.#byteIds === undefined ? 'Unigram' : 'Unigram with byte fallback';
  }

  encode(piece: string, tokens: TokenSink): void {
    let at = 0;
    for (const text of this.#parts(piece)) {
      const end = at + utf8Length(text);
      this.#push(text, at, end, tokens);
      at = end;
    }
  }

  #push(text: string, start: number, end: number, tokens: TokenSink): void {
    const id = this.vocabulary.idOf(text);
    if (id !== undefined) {
      tokens.push(id, start, end);
      return;
    }
    if (this.#byteIds !== undefined) {
      const bytes = Array.from(utf8.encode(text), (byte) => this.#byteIds![byte]);
      if (!bytes.includes(undefined)) {
        for (const byte of bytes) tokens.push(byte!, start, end);
        return;
      }
    }
    if (this.#unknownId === undefined) throw missingToken(this.#where, text);
    tokens.push(this.#unknownId, start, end, text);
  }

  /** The texts of the best tokens; unknown characters in a row are one. */
  #parts(piece: string): string[] {
    const { length } = piece;
    const scores = new Float64Array(length + 1);
    const starts = new Int32Array(length + 1).fill(-1);
    const ids = new Int32Array(length + 1);
    for (let at = 0; at < length; ) {
      const score = scores[at]!;
      const next = at + (piece.codePointAt(at)! > 0xffff ? 2 : 1);
      let hasSingle = false;
      const offer = (id: number, end: number, candidate: number) => {
        if (starts[end] !== -1 && candidate <= scores[end]!) return;
        scores[end] = candidate;
        starts[end] = at;
        ids[end] = id;
      };
      this.#trie.prefixes(piece, at, (id, end) => {
        // Half a character is none: a token that ends there cannot be valid text.
        offer(id, end, this.#scores[id]! + score);
        if (end === next) hasSingle = true;
      });
      if (!hasSingle) {
        if (this.#unknownId === undefined) throw missingToken(this.#where, piece.slice(at, next));
        offer(this.#unknownId, next, this.#unknownScore + score);
      }
      at = next;
    }
    const parts: string[] = [];
    let unknownEnd = -1;
    for (let end = length; end > 0; end = starts[end]!) {
      const start = starts[end]!;
      if (ids[end] === this.#unknownId) {
        if (unknownEnd === -1) unknownEnd = end;
      } else {
        if (unknownEnd !== -1) parts.push(piece.slice(end, unknownEnd));
        unknownEnd = -1;
        parts.push(piece.slice(start, end));
      }
      if (start === 0 && unknownEnd !== -1) parts.push(piece.slice(0, unknownEnd));
    }
    return parts.reverse();
  }
}
