import type { EncodedToken } from './encoded_token.js';
import type { TokenSink, Vocabulary } from './models/model.js';
import type { AlignedText } from './text/aligned_text.js';

/** Takes the tokens of a piece, and adds them to a list with the parts of the original that they stand for. */
export class AlignedTokens implements TokenSink {
  readonly #piece: AlignedText;
  readonly #vocabulary: Vocabulary;
  readonly #tokens: EncodedToken[];
  readonly #index: number;
  /** By byte of the piece's UTF-8: the first unit of its character. */
  readonly #units: Int32Array;

  /** `index`: that of the text in a pair. */
  constructor(piece: AlignedText, vocabulary: Vocabulary, tokens: EncodedToken[], index: number) {
    this.#piece = piece;
    this.#vocabulary = vocabulary;
    this.#tokens = tokens;
    this.#index = index;
    this.#units = unitsOfBytes(piece.text);
  }

  push(id: number, start: number, end: number, text = this.#vocabulary.textOf(id) ?? ''): void {
    const { starts, ends } = this.#piece;
    const last = this.#units.length - 1;
    // A BPE that leaves out unknown characters counts none of their bytes.
    const first = this.#units[Math.min(start, last)]!;
    const final = this.#units[Math.min(Math.max(start, end - 1), last)]!;
    this.#tokens.push({
      ...{ id, text, start: starts![first]!, end: ends![final]! },
      ...{ textIndex: this.#index, typeId: this.#index, isAround: false },
    });
  }
}

function unitsOfBytes(text: string): Int32Array {
  const units: number[] = [];
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    for (let bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; bytes > 0; bytes--)
      units.push(at);
    at += character.length;
  }
  return Int32Array.from(units);
}
