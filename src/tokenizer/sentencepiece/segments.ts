import type { SentencePieceDefinition } from './definition.js';
import type { PieceTable } from './piece_table.js';
import type { Prefixes } from './prefixes.js';

/** The pieces of a normalized text, from left to right. */
export interface Segments {
  readonly ids: number[];
  /** The bytes of the text before the end of each piece. */
  readonly ends: number[];
}

/** Cuts a normalized text into pieces. */
export type Segmenter = (text: Uint8Array) => Segments;

/** A model as segmenters need it. */
export interface SegmenterParts {
  readonly definition: SentencePieceDefinition;
  /** The pieces that stand for text: normal, user-defined and unused ones. */
  readonly table: PieceTable;
  readonly userDefined: Prefixes;
  readonly unknownId: number;
  /** The id of a piece that text[start, end) became; that of the unknown piece if there is none. */
  idOf(text: Uint8Array, start: number, end: number): number;
}
