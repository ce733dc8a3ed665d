/** Kinds of pieces, by their numbers in SentencePiece's files and in GGUF's. */
export const NORMAL = 1;
export const UNKNOWN = 2;
export const CONTROL = 3;
export const USER_DEFINED = 4;
export const UNUSED = 5;
export const BYTE = 6;

/** Most pieces of a model: ids are indexes of arrays, and the largest in use have 2^18. */
export const MOST_PIECES = 2 ** 20;

/** How a normalized text is cut into pieces. */
export const MODEL_TYPES = ['unigram', 'bpe', 'word', 'char'] as const;

/** Stands for a space in the text of a piece. */
export const SPACE_SYMBOL = '\u2581';

/** The content of a SentencePiece model. Its fields are those of the same names in SentencePiece. */
export interface SentencePieceDefinition {
  readonly modelType: (typeof MODEL_TYPES)[number];
  /** The text of each id, in which U+2581 stands for a space. */
  readonly pieces: readonly string[];
  /** Of each id: the logarithm of its probability, or for BPE an order of merging: the highest first. */
  readonly scores: Float32Array;
  /** The kind of each id. */
  readonly types: Uint8Array;
  /** Bytes of unknown characters become the pieces <0x00> to <0xFF>. */
  readonly byteFallback: boolean;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
  readonly treatWhitespaceAsSuffix: boolean;
  /** The rules of normalization, a double-array trie and its results; empty if there are none. */
  readonly charsmap: Uint8Array;
  /** The text that the unknown piece is decoded to. */
  readonly unknownSurface: string;
}
