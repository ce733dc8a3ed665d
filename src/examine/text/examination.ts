import type { TopToken } from '../../generate/completion.js';
import type { RankBins } from './rank_bins.js';

/** A token of a text, and how likely it was there. */
export interface ExaminedToken {
  /** Its id in the vocabulary. */
  readonly id: number;
  /**
   * Characters of the text that the token completes: `''` if it ends inside a character, which then belongs to
   * the token that completes it. The texts of all tokens, joined, are the text.
   */
  readonly text: string;
  /** Offset of `text` in the examined text, in UTF-16 code units. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  /**
   * ln p, given the tokens before it. This and the following numbers are undefined for the first token of a
   * text without a start token, which is only read.
   */
  readonly logprob?: number;
  /** -log2 p, in bits. */
  readonly surprisal?: number;
  /** 1 for the model's likeliest token. */
  readonly rank?: number;
  /** Entropy of the distribution at its place, in nats. */
  readonly entropy?: number;
  /** How many tokens before it the model read, the start token included: fewer than all in a long text. */
  readonly context?: number;
  /** The likeliest tokens at its place, likeliest first; `text` is that of the token alone. */
  readonly top: readonly TopToken[];
}

/** A run of tokens that is measured as one, and where it stands. */
export interface Span {
  /** The characters, without white space around them. */
  readonly text: string;
  /** Offset of `text` in the examined text, in UTF-16 code units. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  /** Index of its first token. White space before a word or sentence is part of its tokens. */
  readonly firstToken: number;
  /** How many tokens it has. */
  readonly tokenCount: number;
}

/**
 * A word: a run of characters between white space, punctuation included. It begins with a token that begins with
 * white space, or after one that ends with it; a character of white space that takes several tokens counts as any
 * other. White space at the end of a text is a separate word with an empty `text`.
 */
export interface ExaminedWord extends Span {
  /** Sum of the log-probabilities of its scored tokens: 0 if there are none. All together sum to the text's. */
  readonly logprob: number;
  /** The same in bits, as -log2 p; undefined if none of its tokens is scored. */
  readonly surprisal: number | undefined;
  /**
   * ln p of the whole word, by the correction of Pimentel and Meister (2024): `logprob` is that of a beginning
   * which longer words share, since the white space that shows its end is in the token after it. So it is
   * multiplied by the probability that a word ends here, and divided by the probability that the word before
   * ended where it did.
   */
  readonly correctedLogprob: number;
  /** The same in bits, as -log2 p. */
  readonly correctedSurprisal: number;
}

/**
 * A sentence. It ends after `.`, `!`, `?`, `…` and their like in other scripts, with quotation marks and brackets that
 * close there, if white space follows (none needs to after the full stops of Chinese and Japanese) and no lower-case
 * letter comes next; not after abbreviations such as `Mr.` and initials; and at an empty line. A token belongs to the
 * sentence of its first character that is no white space.
 */
export interface ExaminedSentence extends Span {
  /** Sum of the log-probabilities of its scored tokens: 0 if there are none. All together sum to the text's. */
  readonly logprob: number;
  /** The same in bits, as -log2 p; undefined if none of its tokens is scored. */
  readonly surprisal: number | undefined;
  /** e to the mean surprisal of its tokens in nats; undefined if none is scored. */
  readonly perplexity: number | undefined;
}

/** All measures of a text; see `examine`. */
export interface Examination {
  /** The text that the offsets are about: that of the tokens. Empty if the model has no tokenizer. */
  readonly text: string;
  /** All tokens of the text. */
  readonly tokens: readonly ExaminedToken[];
  /** All words, with all tokens; none if the model has no tokenizer. */
  readonly words: readonly ExaminedWord[];
  /** All sentences, with all tokens; none if the model has no tokenizer. */
  readonly sentences: readonly ExaminedSentence[];
  /** How many of the tokens are scored: all, or all but the first. */
  readonly scoredTokens: number;
  /** ln p of the text: the sum of its tokens' `logprob`. */
  readonly sum: number;
  /** `sum` over the number of scored tokens. */
  readonly mean: number;
  /** e^-mean */
  readonly perplexity: number;
  /** Bits to write a byte of UTF-8 of the scored tokens; undefined if they stand for no bytes. */
  readonly bitsPerByte: number | undefined;
  /**
   * ln p that a word ends at the text's end: the next token would begin with white space or end the text. The
   * `correctedLogprob`s of all words sum to `sum + endLogprob`.
   */
  readonly endLogprob: number;
  /** How many tokens have which rank. */
  readonly bins: RankBins;
  /** Tokens that each window scores after the first; undefined if the text was read in one piece. */
  readonly stride: number | undefined;
}
