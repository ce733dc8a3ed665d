import { grown } from '../../base/grown.js';
import { characterLength } from './characters.js';
import { Charsmap } from './charsmap.js';
import { type SentencePieceDefinition, SPACE_SYMBOL } from './definition.js';
import type { Prefixes } from './prefixes.js';

const SPACE = 0x20;
const SYMBOL = new TextEncoder().encode(SPACE_SYMBOL);
const SPACE_BYTES = Uint8Array.of(SPACE);
const REPLACEMENT = new TextEncoder().encode('\ufffd');

export interface NormalizedText {
  readonly bytes: Uint8Array;
  readonly sources: Int32Array;
}

/**
 * The normalization of SentencePiece (Kudo and Richardson 2018): rules for the longest beginnings of the rest
 * of a text, and white space. User-defined symbols are kept as they are.
 */
export class SentencePieceNormalizer {
  readonly #definition: SentencePieceDefinition;
  readonly #charsmap: Charsmap | undefined;
  readonly #userDefined: Prefixes;
  /** The bytes that stand for a space. */
  readonly #space: Uint8Array;
  #output: Uint8Array = new Uint8Array(256);
  /** By byte of the output: the byte of the text at which its replacement was found. */
  #sources = new Int32Array(256);
  #length = 0;
  /**
   * The result of `#replace`: bytes [#start, #end) of #from, in place of the next #taken bytes of the text.
   */
  #from: Uint8Array = SYMBOL;
  #start = 0;
  #end = 0;
  #taken = 0;

  /** Throws `invalid-file` for a damaged charsmap. */
  constructor(file: string, definition: SentencePieceDefinition, userDefined: Prefixes) {
    this.#definition = definition;
    this.#charsmap = definition.charsmap.length === 0 ? undefined : new Charsmap(file, definition.charsmap);
    this.#userDefined = userDefined;
    this.#space = definition.escapeWhitespaces ? SYMBOL : SPACE_BYTES;
  }

  /**
   * The normalized text, and by byte of it and at its end the byte of `text` that it stands for. Both count
   * until the next call.
   */
  normalize(text: Uint8Array): NormalizedText {
    const { addDummyPrefix, removeExtraWhitespaces, treatWhitespaceAsSuffix } = this.#definition;
    this.#length = 0;
    let at = 0;
    if (removeExtraWhitespaces) {
      while (at < text.length && this.#replacesBySpace(text, at)) at += this.#taken;
    }
    if (at === text.length) return this.#result(at);
    if (addDummyPrefix && !treatWhitespaceAsSuffix) this.#write(this.#space, 0, this.#space.length, at);
    for (let afterSpace = removeExtraWhitespaces; at < text.length; at += this.#taken) {
      this.#replace(text, at);
      const from = this.#from;
      let start = this.#start;
      while (afterSpace && start < this.#end && from[start] === SPACE) start++;
      if (start === this.#end) continue;
      afterSpace = removeExtraWhitespaces && from[this.#end - 1] === SPACE;
      for (let i = start; i < this.#end; i++) {
        if (from[i] === SPACE) this.#write(this.#space, 0, this.#space.length, at);
        else this.#write(from, i, i + 1, at);
      }
    }
    if (removeExtraWhitespaces) {
      while (this.#endsWithSpace()) {
        this.#length -= this.#space.length;
        at = this.#sources[this.#length]!;
      }
    }
    if (addDummyPrefix && treatWhitespaceAsSuffix) this.#write(this.#space, 0, this.#space.length, at);
    return this.#result(at);
  }

  #result(end: number): NormalizedText {
    this.#sources[this.#length] = end;
    return {
      bytes: this.#output.subarray(0, this.#length),
      sources: this.#sources.subarray(0, this.#length + 1),
    };
  }

  #replacesBySpace(text: Uint8Array, at: number): boolean {
    this.#replace(text, at);
    return this.#end - this.#start === 1 && this.#from[this.#start] === SPACE;
  }

  /** Finds the replacement of the text at `at`. */
  #replace(text: Uint8Array, at: number): void {
    this.#from = text;
    this.#start = at;
    const symbol = this.#userDefined.longest(text, at, text.length);
    const place = symbol > 0 ? -1 : (this.#charsmap?.find(text, at, text.length) ?? -1);
    if (place !== -1) {
      const charsmap = this.#charsmap!;
      this.#from = charsmap.results;
      this.#start = place;
      this.#end = charsmap.resultEnd(place);
      this.#taken = charsmap.length;
      return;
    }
    const length = symbol > 0 ? symbol : characterLength(text, at);
    if (length > 0) {
      this.#end = at + length;
      this.#taken = length;
      return;
    }
    // A rule or a symbol may end within a character.
    this.#from = REPLACEMENT;
    this.#start = 0;
    this.#end = REPLACEMENT.length;
    this.#taken = 1;
  }

  #write(from: Uint8Array, start: number, end: number, source: number): void {
    while (this.#length + end - start >= this.#output.length) {
      this.#output = grown(this.#output);
      this.#sources = grown(this.#sources);
    }
    for (let i = start; i < end; i++) {
      this.#sources[this.#length] = source;
      this.#output[this.#length++] = from[i]!;
    }
  }

  #endsWithSpace(): boolean {
    const first = this.#length - this.#space.length;
    return first >= 0 && this.#space.every((byte, i) => this.#output[first + i] === byte);
  }
}
