/**
 * Why a completion ended.
 *
 * - `length`: `maxTokens` tokens were sampled
 * - `eos`: the model sampled an end-of-text token
 * - `stop`: a stop string was completed
 * - `context`: the model's context is full (with `contextFull: 'stop'`)
 * - `aborted`: the signal fired, or the consumer of a stream left it early; text held back at that moment,
 *   because a character was incomplete or a stop string may have begun, is dropped
 */
export type FinishReason = 'length' | 'eos' | 'stop' | 'context' | 'aborted';

/** One token with its own text, and the natural logarithm of its probability. */
export interface TopToken {
  /** The token's id. */
  readonly id: number;
  /** The token's text alone: U+FFFD where its bytes are only a part of a character. */
  readonly text: string;
  /** ln p under the model's own distribution: before penalties, bias, bans, temperature and truncation. */
  readonly logprob: number;
}

/** A sampled token's log-probability and the most likely tokens at its place. */
export interface TokenLogprob extends TopToken {
  /** The `logprobs` most likely tokens, most likely first; the sampled one need not be among them. */
  readonly top: readonly TopToken[];
}

/** One step of a stream. The `text`s of a completion's tokens joined are the completion's `text`. */
export interface Token {
  /** The sampled token. */
  readonly id: number;
  /**
   * The text that became certain with this token: `''` while the bytes of a character are incomplete or a
   * stop string may have begun, and then more than this token's own text; `''` for the end-of-text token.
   */
  readonly text: string;
  /** Which of the `n` completions the token belongs to, from 0. */
  readonly index: number;
  /** As in `TokenLogprob`; only where `logprobs` was asked for. */
  readonly logprob?: number;
  /** The most likely tokens at this place, most likely first; only if `logprobs` was asked for. */
  readonly top?: readonly TopToken[];
}

/** One of the `n` continuations of a prompt. */
export interface Choice {
  /** Which of the `n` completions this is, from 0. */
  readonly index: number;
  /** Without the prompt, without the stop string and without the end-of-text token. */
  readonly text: string;
  /**
   * Every token that was sampled: also an end-of-text token, and those that a stop string cut off the text.
   */
  readonly tokens: readonly number[];
  /** Why the completion ended. */
  readonly finishReason: FinishReason;
  /** One entry for each of `tokens`; only where `logprobs` was asked for. */
  readonly logprobs?: readonly TokenLogprob[];
}

/** Token counts of a generation. */
export interface Usage {
  /** Tokens of the prompt as it was evaluated. */
  readonly promptTokens: number;
  /** Those of them whose keys and values the session still had. */
  readonly cachedPromptTokens: number;
  /** Sampled tokens of all choices together. */
  readonly completionTokens: number;
}

/** Wall-clock times; what a stream's consumer does between two tokens does not count. */
export interface Timings {
  /** From the start to the first sampled token: the prompt's evaluation. */
  readonly promptMs: number;
  /** All sampling after the first token. */
  readonly decodeMs: number;
  /** Evaluated (not cached) prompt tokens a second. */
  readonly promptTokensPerSecond: number;
  /** Tokens after the first of each choice, a second; 0 where there were none. */
  readonly tokensPerSecond: number;
}

/** What a generation gave: the fields of its first choice, and all of them in `choices`. */
export interface Completion extends Omit<Choice, 'index'> {
  /** `n` of them, by index; with `n` = 1 the one choice that the fields of the completion repeat. */
  readonly choices: readonly Choice[];
  /** How many tokens were evaluated and sampled. */
  readonly usage: Usage;
  /** How long the generation took. */
  readonly timings: Timings;
  /** The seed that gives the same completion again: the one asked for, or the one that was drawn. */
  readonly seed: number;
}
