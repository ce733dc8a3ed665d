import { Gpt2Error } from '../../base/errors.js';
import { bpeSegmenter } from './bpe.js';
import {
  BYTE,
  CONTROL,
  NORMAL,
  type SentencePieceDefinition,
  UNKNOWN,
  UNUSED,
  USER_DEFINED,
} from './definition.js';
import { SentencePieceNormalizer } from './normalizer.js';
import { PieceTable } from './piece_table.js';
import { Prefixes } from './prefixes.js';
import type { Segmenter, SegmenterParts } from './segments.js';
import { unigramSegmenter } from './unigram.js';
import { characterSegmenter, wordSegmenter } from './words.js';

/** Most bytes of a piece, as in SentencePiece. */
const MOST_PIECE_BYTES = 8000;
const SEGMENTERS = {
  unigram: unigramSegmenter,
  bpe: bpeSegmenter,
  word: wordSegmenter,
  char: characterSegmenter,
};

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Takes a piece: its id, the bytes [start, end) of the text that it stands for, and its text if it is the
 * unknown piece.
 */
export type TakePiece = (id: number, start: number, end: number, text?: string) => void;

/** Text to ids as SentencePiece's own encoder gives them (Kudo and Richardson 2018). */
export class SentencePieceEncoder {
  readonly #normalizer: SentencePieceNormalizer;
  readonly #segment: Segmenter;
  readonly #unknownId: number;
  /** The piece of each byte, or `undefined` if unknown characters become the unknown piece. */
  readonly #byteIds: Int32Array | undefined;

  /** `file` names the model in messages. Throws `invalid-file` for a model that contradicts itself. */
  constructor(file: string, definition: SentencePieceDefinition) {
    const parts = checkedParts(file, definition);
    this.#normalizer = new SentencePieceNormalizer(file, definition, parts.userDefined);
    this.#segment = SEGMENTERS[definition.modelType](parts);
    this.#unknownId = parts.unknownId;
    this.#byteIds = definition.byteFallback ? bytePieces(file, definition) : undefined;
  }

  /** Gives the ids of a text of UTF-8 to `push`, one after the other. */
  encode(text: Uint8Array, push: TakePiece): void {
    const { bytes, sources } = this.#normalizer.normalize(text);
    const { ids, ends } = this.#segment(bytes);
    for (let i = 0, start = 0; i < ids.length; i++) {
      const isUnknown = ids[i] === this.#unknownId;
      // Unknown pieces in a row are one.
      while (isUnknown && this.#byteIds === undefined && ids[i + 1] === this.#unknownId) i++;
      const end = ends[i]!;
      const from = sources[start]!;
      const to = sources[end]!;
      if (!isUnknown) push(ids[i]!, from, to);
      else if (this.#byteIds === undefined) push(ids[i]!, from, to, utf8.decode(bytes.subarray(start, end)));
      else for (let at = start; at < end; at++) push(this.#byteIds[bytes[at]!]!, from, to);
      start = end;
    }
  }
}

function checkedParts(file: string, definition: SentencePieceDefinition): SegmenterParts {
  const { pieces, scores, types } = definition;
  const wrong = (problem: string) => new Gpt2Error('invalid-file', `${file}: ${problem}`);
  const unknownId = types.indexOf(UNKNOWN);
  if (unknownId === -1) throw wrong('no piece is the unknown one');
  if (types.indexOf(UNKNOWN, unknownId + 1) !== -1) throw wrong('several pieces are the unknown one');
  const isText = (id: number) => [NORMAL, USER_DEFINED, UNUSED].includes(types[id]!);
  const table = new PieceTable(pieces, isText);
  if (table.longest >= MOST_PIECE_BYTES) {
    throw wrong(`a piece has ${table.longest} bytes; it must have less than ${MOST_PIECE_BYTES}`);
  }
  for (const [id, piece] of pieces.entries()) {
    if (piece === '' || piece.includes('\0')) throw wrong(`piece ${id} is empty or has a zero character`);
    if (!isText(id) && ![UNKNOWN, CONTROL, BYTE].includes(types[id]!)) {
      throw wrong(`piece ${id} has the unknown type ${types[id]}`);
    }
    if (!Number.isFinite(scores[id])) throw wrong(`the score of piece ${id} is ${scores[id]}`);
  }
  if (table.repeated !== undefined) {
    throw wrong(`two pieces are ${JSON.stringify(pieces[table.repeated]!.slice(0, 40))}`);
  }
  const userDefined = [...types.keys()].filter((id) => types[id] === USER_DEFINED);
  // As in SentencePiece, a text that spells the piece of a byte becomes it.
  const byteTable = new PieceTable(pieces, (id) => types[id] === BYTE);
  return {
    ...{ definition, table, userDefined: new Prefixes(table, userDefined), unknownId },
    idOf(text, start, end) {
      const byte = byteTable.find(text, start, end);
      const id = byte === -1 ? table.find(text, start, end) : byte;
      return id === -1 ? unknownId : id;
    },
  };
}

/** The byte of a piece <0x00> to <0xFF>; -1 for any other. */
export function byteOfPiece(piece: string): number {
  return /^<0x[0-9A-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : -1;
}

function bytePieces(file: string, { pieces, types }: SentencePieceDefinition): Int32Array {
  const ids = new Int32Array(256).fill(-1);
  for (const [id, piece] of pieces.entries()) {
    if (types[id] !== BYTE) continue;
    const byte = byteOfPiece(piece);
    if (byte === -1) throw new Gpt2Error('invalid-file', `${file}: piece ${id} stands for no byte`);
    ids[byte] = id;
  }
  if (ids.includes(-1)) throw new Gpt2Error('invalid-file', `${file}: a byte has no piece`);
  return ids;
}
