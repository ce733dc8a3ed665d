/** Takes the tokens of a piece, in order. */
export interface TokenSink {
  /**
   * Adds a token. `start` and `end`: the bytes of the piece's UTF-8 that it stands for. `text`: the token's text, if it is
   * not that of the vocabulary.
   */
  push(id: number, start: number, end: number, text?: string): void;
}

/** A vocabulary and the way in which pieces of text become tokens of it. */
export interface PieceModel {
  /** Names the kind for people: "Unigram". */
  readonly kind: string;
  /** The texts of the tokens and their ids, which are checked. */
  readonly vocabulary: Vocabulary;
  /** Gives the tokens of a piece, which is not empty. */
  encode(piece: string, tokens: TokenSink): void;
}

/** The tokens of a model. */
export interface Vocabulary {
  /** One more than the highest id. */
  readonly size: number;
  idOf(text: string): number | undefined;
  textOf(id: number): string | undefined;
}
