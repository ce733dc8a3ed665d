import { Gpt2Error } from '../base/errors.js';
import { FNV_START, fnv1a } from '../base/hash.js';
import { writeSymbolBytes } from './bpe/byte_alphabet.js';
import type { Texts } from './texts.js';

/** Ids are indexes of arrays, so that they are limited; the largest vocabularies in use have 2^18 tokens. */
export const MAX_TOKEN_ID = 2 ** 20 - 1;
/** The most bytes of a UTF-16 code unit in UTF-8. */
const MAX_UNIT_BYTES = 3;

/** The entries of a vocabulary file: text i, in the byte alphabet, has the id `ids[i]`. */
export interface VocabularyEntries {
  /** The name of the file in messages. */
  readonly file: string;
  readonly texts: Texts;
  readonly ids: ArrayLike<unknown>;
}

/** FNV-1a of bytes[start, end), as a signed 32-bit integer. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_START | 0;
  for (let i = start; i < end; i++) hash = fnv1a(hash, bytes[i]!);
  return hash;
}

/**
 * Slots of a hash table that are tried for a key. If all are taken, as in a file that was made to collide,
 * the key goes into a `Map` of strings, whose hashes a file cannot predict.
 */
export const MOST_PROBES = 64;

/** A key of a `Map` for bytes; different for different bytes. */
export function byteKey(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start, end));
}

/** The smallest power of two that keeps a table of `count` entries at most half full. */
export function tableCapacity(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count) * 2));
}

/** A token outside the vocabulary; its content is plain text, not in the byte alphabet. */
interface LiteralToken {
  readonly content: string;
  readonly id: number;
}

/** Finds the bytes of a token by its id and the id by the bytes. Flat arrays: 50,257 tokens take 1.3 MB. */
export class TokenTable {
  /** One more than the highest id. Ids below it may have no token. */
  readonly size: number;
  /** The bytes of all tokens; those of one are bytes[starts[id], ends[id]). */
  readonly bytes: Uint8Array;
  /** By id; -1 for an id without a token. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Open-addressing hash table of ids + 1, 0 where a slot is free. */
  readonly #slots: Int32Array;
  /** Ids that found no slot free, by `byteKey`. */
  readonly #crowded = new Map<string, number>();

  /** Throws `invalid-file` for an invalid id, and for an id or a text that two tokens share. */
  constructor(vocabulary: VocabularyEntries, literals: readonly LiteralToken[]) {
    const { file, texts } = vocabulary;
    if (texts.length === 0) throw new Gpt2Error('invalid-file', `${file}: the vocabulary is empty`);
    const ids = checkedIds(vocabulary, literals);
    this.size = highest(ids) + 1;
    this.starts = new Int32Array(this.size).fill(-1);
    this.ends = new Int32Array(this.size);
    this.#slots = new Int32Array(tableCapacity(texts.length));
    const units = new Uint16Array(texts.longest);
    const literalUnits = literals.reduce((sum, { content }) => sum + content.length, 0);
    const bytes = new Uint8Array(MAX_UNIT_BYTES * (texts.total + literalUnits));
    this.bytes = bytes;
    const textOf = (i: number) => (i < texts.length ? texts.at(i) : literals[i - texts.length]!.content);
    let used = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (this.starts[id] !== -1) {
        const other = quote(textOf(ids.indexOf(id)));
        throw new Gpt2Error(
          'invalid-file',
          `${file}: ${other} and ${quote(textOf(i))} both have the id ${id}`,
        );
      }
      const count = i < texts.length ? texts.units(i, units) : 0;
      const symbolsEnd = i < texts.length ? writeSymbolBytes(units, 0, count, bytes, used) : -1;
      const end = symbolsEnd === -1 ? writeUtf8(String(textOf(i)), bytes, used) : symbolsEnd;
      this.starts[id] = used;
      this.ends[id] = end;
      used = end;
      // No merge can make a text outside the byte alphabet, so that it needs no entry in the hash table.
      const other = symbolsEnd === -1 ? -1 : this.#insert(id);
      if (other !== -1) {
        const both = quote(textOf(i));
        throw new Gpt2Error('invalid-file', `${file}: tokens ${other} and ${id} are both ${both}`);
      }
    }
    this.bytes = bytes.slice(0, used);
  }

  /** The id of the token with exactly bytes[start, end), or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashBytes(bytes, start, end) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const id = slots[slot]! - 1;
      if (id === -1 || this.equals(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return this.#crowded.get(byteKey(bytes, start, end)) ?? -1;
  }

  /** Whether a token is exactly bytes[start, end). */
  equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.starts[id]!;
    if (this.ends[id]! - own !== end - start) return false;
    const tokenBytes = this.bytes;
    for (let i = start, j = own; i < end; i++, j++) {
      if (bytes[i] !== tokenBytes[j]) return false;
    }
    return true;
  }

  /** Ids, in ascending order, of tokens whose bytes begin with `bytes` or are the beginning of `bytes`. */
  along(bytes: Uint8Array): number[] {
    const ids: number[] = [];
    for (let id = 0; id < this.size; id++) {
      const start = this.starts[id]!;
      const length = this.ends[id]! - start;
      if (start === -1 || length === 0 || this.bytes[start] !== bytes[0]) continue;
      const common = Math.min(length, bytes.length);
      let i = 1;
      while (i < common && this.bytes[start + i] === bytes[i]) i++;
      if (i === common) ids.push(id);
    }
    return ids;
  }

  /** Adds a token and returns -1; if there is one with the same bytes, returns its id instead. */
  #insert(id: number): number {
    const mask = this.#slots.length - 1;
    const start = this.starts[id]!;
    const end = this.ends[id]!;
    let slot = hashBytes(this.bytes, start, end) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const other = this.#slots[slot]! - 1;
      if (other === -1) {
        this.#slots[slot] = id + 1;
        return -1;
      }
      if (this.equals(other, this.bytes, start, end)) return other;
      slot = (slot + 1) & mask;
    }
    const key = byteKey(this.bytes, start, end);
    const other = this.#crowded.get(key);
    if (other === undefined) this.#crowded.set(key, id);
    return other ?? -1;
  }
}

/** The ids of the vocabulary, then of the literals. */
function checkedIds({ file, texts, ids }: VocabularyEntries, literals: readonly LiteralToken[]): Int32Array {
  const checked = new Int32Array(texts.length + literals.length);
  for (let i = 0; i < checked.length; i++) {
    const id = i < texts.length ? ids[i] : literals[i - texts.length]!.id;
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > MAX_TOKEN_ID) {
      const text = quote(i < texts.length ? texts.at(i) : literals[i - texts.length]!.content);
      throw new Gpt2Error(
        'invalid-file',
        `${file}: the token ${text} has the id ${quote(id)}, not an integer from 0 to ${MAX_TOKEN_ID}`,
      );
    }
    checked[i] = id;
  }
  return checked;
}

function highest(ids: Int32Array): number {
  return ids.reduce((high, id) => Math.max(high, id), 0);
}

function writeUtf8(text: string, target: Uint8Array, at: number): number {
  return at + new TextEncoder().encodeInto(text, target.subarray(at)).written;
}

/** A token's text for a message: quoted, escaped and shortened. */
export function quote(text: unknown): string {
  const quoted = JSON.stringify(text) ?? 'undefined';
  return quoted.length <= 80 ? quoted : `${quoted.slice(0, 77)}...`;
}
