/** The text or the bytes that a token adds within a text. */
export type Added = string | Uint8Array;

/** A step that turns the texts of tokens into text, a token at a time. */
export interface DecodeStep {
  /** The texts that are certain after the next token, in order. */
  push(token: string): readonly string[];
  /** The rest, after the last token. */
  end(): readonly string[];
}

/** A kind of decoder. */
export interface Decoder {
  /**
   * A step for one text. `isFused`: whether its input is one text in parts, and not one text per token.
   */
  start(isFused: boolean): DecodeStep;
  /** Whether its output is one text in parts. */
  readonly fuses?: boolean;
  /** The text or bytes of a token that comes after others, by itself. */
  within(added: Added): Added;
  /** Whether a text is not just that of `within` of its tokens: what comes later changes what a token adds. */
  readonly dependsOnNext?: boolean;
}
