import { append } from '../../../base/append.js';
import { isJsonObject } from '../../../files/json_object.js';
import { mergeLong } from '../../bpe/merge_heap.js';
import { NO_MERGE } from '../../bpe/merge_table.js';
import { quote } from '../../token_table.js';
import type { Part } from '../part.js';
import { utf8Length } from '../text/utf8_length.js';
import type { PieceModel, TokenSink } from './model.js';
import { PairTable } from './pair_table.js';
import { byteTokens, TextVocabulary } from './vocabulary.js';

/** Up to this many symbols, scanning for the lowest rank is faster than a heap. */
const MAX_SCANNED = 64;

const utf8 = new TextEncoder();

/** Byte-pair encoding over characters (Sennrich et al. 2016); over bytes if a pre-tokenizer writes them as characters. */
export class CharacterBpe implements PieceModel {
  readonly kind: string;
  readonly vocabulary: TextVocabulary;
  readonly #merges: PairTable;
  /** Before a character that is not a word's first one, and after the last one. */
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #unknownId: number | undefined;
  readonly #fusesUnknown: boolean;
  readonly #ignoresMerges: boolean;
  readonly #byteIds: readonly (number | undefined)[] | undefined;

  /** Throws `invalid-file` for merges of other tokens than the vocabulary's, `unsupported` for dropout. */
  constructor(part: Part) {
    const { json } = part;
    if (json.dropout) throw part.unsupported(`dropout ${quote(json.dropout)}, which makes tokens random,`);
    if (!isJsonObject(json.vocab)) throw part.invalid('its vocab is no object');
    this.vocabulary = new TextVocabulary(part.where, Object.entries(json.vocab));
    this.#prefix = part.text('continuing_subword_prefix', '');
    this.#suffix = part.text('end_of_word_suffix', '');
    this.#fusesUnknown = part.flag('fuse_unk', false);
    this.#ignoresMerges = part.flag('ignore_merges', false);
    if (part.flag('byte_fallback', false)) this.#byteIds = byteTokens(this.vocabulary);
    const unknown = part.text('unk_token', '');
    this.#unknownId = unknown === '' ? undefined : this.vocabulary.idOf(unknown);
    this.#merges = readMerges(part, this.vocabulary, this.#prefix);
    this.kind = this.#byteIds === undefined ? 'BPE' : 'BPE with byte fallback';
  }

  encode(piece: string, tokens: TokenSink): void {
    if (this.#ignoresMerges) {
      const whole = this.vocabulary.idOf(piece);
      if (whole !== undefined) {
        tokens.push(whole, 0, utf8Length(piece));
        return;
      }
    }
    const { ids, unknown } = this.#symbols(piece);
    const symbols = Int32Array.from(ids);
    const count =
      symbols.length <= MAX_SCANNED
        ? mergeShort(symbols, this.#merges)
        : mergeLong(symbols, symbols.length, this.#merges);
    let at = 0;
    let nextUnknown = 0;
    for (let i = 0; i < count; i++) {
      const id = symbols[i]!;
      const length = id === this.#unknownId ? (unknown[nextUnknown++] ?? 0) : this.#lengthOf(id, i === 0);
      tokens.push(id, at, at + length);
      at += length;
    }
  }

  /** The tokens of the characters, and the bytes of each that is the unknown one. */
  #symbols(piece: string): { ids: readonly number[]; unknown: readonly number[] } {
    const { ids: vocabulary } = this.vocabulary;
    const ids: number[] = [];
    const unknown: number[] = [];
    /** Bytes of unknown characters that have no token yet. */
    let pending = 0;
    const flush = () => {
      if (pending === 0) return;
      ids.push(this.#unknownId!);
      unknown.push(pending);
      pending = 0;
    };
    let at = 0;
    for (const character of piece) {
      const before = at === 0 ? '' : this.#prefix;
      at += character.length;
      const text = before + character + (at === piece.length ? this.#suffix : '');
      const id = vocabulary.get(text);
      if (id !== undefined) {
        flush();
        ids.push(id);
        if (id === this.#unknownId) unknown.push(utf8Length(character));
        continue;
      }
      // As in the tokenizers library, bytes come before an unknown token that is pending.
      if (this.#byteIds !== undefined && this.#pushBytes(text, ids)) continue;
      if (this.#unknownId === undefined) continue;
      if (!this.#fusesUnknown) flush();
      pending += utf8Length(character);
    }
    flush();
    return { ids, unknown };
  }

  #pushBytes(text: string, ids: number[]): boolean {
    const tokens = Array.from(utf8.encode(text), (byte) => this.#byteIds![byte]);
    if (tokens.includes(undefined)) return false;
    append(ids, tokens as number[]);
    return true;
  }

  /** Bytes of the text that a token stands for. */
  #lengthOf(id: number, isFirst: boolean): number {
    const text = this.vocabulary.textOf(id)!;
    if (this.#byteIds?.includes(id) && /^<0x[0-9A-F]{2}>$/.test(text)) return 1;
    let length = utf8Length(text);
    if (!isFirst && this.#prefix !== '' && text.startsWith(this.#prefix)) length -= utf8Length(this.#prefix);
    if (this.#suffix !== '' && text.endsWith(this.#suffix)) length -= utf8Length(this.#suffix);
    return length;
  }
}

/** As mergeLong, by scanning the ranks of all pairs for the lowest. */
function mergeShort(ids: Int32Array, merges: PairTable): number {
  const ranks: number[] = [];
  for (let i = 0; i + 1 < ids.length; i++) ranks.push(merges.rank(ids[i]!, ids[i + 1]!));
  let left = ids.length;
  for (;;) {
    let lowest = NO_MERGE;
    let at = 0;
    for (let i = 0; i < left - 1; i++) {
      if (ranks[i]! < lowest) {
        lowest = ranks[i]!;
        at = i;
      }
    }
    if (lowest === NO_MERGE) return left;
    ids[at] = merges.result(lowest);
    ids.copyWithin(at + 1, at + 2, left);
    ranks.splice(at, 1);
    left--;
    if (at > 0) ranks[at - 1] = merges.rank(ids[at - 1]!, ids[at]!);
    if (at + 1 < left) ranks[at] = merges.rank(ids[at]!, ids[at + 1]!);
  }
}

function readMerges(part: Part, vocabulary: TextVocabulary, prefix: string): PairTable {
  const table = new PairTable();
  for (const [i, entry] of part.list('merges').entries()) {
    const pair = typeof entry === 'string' ? entry.split(' ') : entry;
    const fail = (problem: string) => part.invalid(`its merge ${i}, ${quote(entry)}, ${problem}`);
    if (!isPair(pair)) throw fail('is not two tokens');
    const [left, right] = pair;
    const ids = [left, right, left + right.slice(prefix.length)].map((text) => vocabulary.idOf(text));
    if (ids.includes(undefined)) {
      const where = ['has a first part', 'has a second part', 'makes a token'][ids.indexOf(undefined)];
      throw fail(`${where} that is not in the vocabulary`);
    }
    table.add(ids[0]!, ids[1]!, ids[2]!);
  }
  return table;
}

const isPair = (pair: unknown): pair is [string, string] =>
  Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && typeof pair[1] === 'string';
