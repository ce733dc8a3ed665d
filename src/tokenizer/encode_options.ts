/** How a text is encoded. */
export interface EncodeOptions {
  /**
   * The special tokens that a text may be encoded to by spelling them: none (the default: their text is then
   * encoded like any other), all, or the named ones. Text from untrusted people should be given none.
   */
  readonly allowedSpecial?: 'none' | 'all' | readonly string[];
  /**
   * Puts the tokens around the text that the tokenizer's post-processor asks for, such as `[CLS]` and `[SEP]`.
   * Default: false, so that a text's tokens can be continued.
   */
  readonly addSpecialTokens?: boolean;
}

/** How a text is encoded with the part of it that each token stands for. */
export interface TokenizeOptions extends EncodeOptions {
  /** A second text, which the post-processor puts after the first one. */
  readonly pair?: string;
}

/** How token ids become text. */
export interface DecodeOptions {
  /** Leaves special tokens out of the text. Default: false. */
  readonly skipSpecialTokens?: boolean;
}

/** How ids are decoded one at a time. */
export interface StreamDecoderOptions {
  /**
   * Whether the ids follow others, as those of a completion: a space at their beginning, which some tokenizers leave out
   * of a text's beginning, is kept. The text is then that of `tokenBytes` of the ids. Default: false.
   */
  readonly continues?: boolean;
}

/** The tokens of a text, or of a pair of texts; all lists have the same length. */
export interface Tokenization {
  /** Token ids. */
  readonly ids: readonly number[];
  /** The text of each token in the vocabulary; for an added token the text that it was found as. */
  readonly tokens: readonly string[];
  /**
   * The part of its text that each token stands for: [start, end) in UTF-16 code units, as `slice` of a string takes them;
   * [0, 0] for tokens around the text. Tokens for parts of a character have the whole character. As the tokenizer's
   * post-processor says, white space may be left out.
   */
  readonly offsets: readonly (readonly [start: number, end: number])[];
  /** The text of a pair that each token belongs to, as the post-processor numbers them: 0 or 1. */
  readonly typeIds: readonly number[];
  /** 1 for tokens that were put around the text, 0 for those of the text. */
  readonly specialTokensMask: readonly number[];
}
