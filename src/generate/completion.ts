import type { Filtered } from './filter/filter.js';

/**
 * Why a completion ended.
 *
 * - `length`: `maxTokens` tokens were sampled
 * - `eos`: the model sampled an end-of-text token
 * - `stop`: a stop string was completed, or nothing can follow in the form of the option `format`
 * - `filter`: the option `filter` stopped before a sentence
 * - `context`: the model's context is full (with `contextFull: 'stop'`)
 * - `aborted`: the signal fired, or the consumer of a stream left it early. Text that was held back at that
 *   moment, since a character was incomplete or a stop string may have begun, is dropped
 */
export type FinishReason = 'length' | 'eos' | 'stop' | 'filter' | 'context' | 'aborted';

/** One token with its own text, and the natural logarithm of its probability. */
export interface TopToken {
  /** The token's id. */
  readonly id: number;
  /** The token's own text; U+FFFD for bytes that are only a part of a character. */
  readonly text: string;
  /** ln p under the model's own distribution: before penalties, bias, bans, temperature and truncation. */
  readonly logprob: number;
}

/** A sampled token's log-probability and the most likely tokens at its place. */
export interface TokenLogprob extends TopToken {
  /** The `logprobs` most likely tokens, most likely first; the sampled one need not be among them. */
  readonly top: readonly TopToken[];
}

/** One token of a stream. The `text`s of a completion's tokens, joined, are the completion's `text`. */
export interface Token {
  /** The sampled token. */
  readonly id: number;
  /**
   * The text that became final with this token. It is `''` while a character is incomplete or a stop string
   * may have begun, and later more than the token's own text; `''` also for the end-of-text token.
   */
  readonly text: string;
  /** Which of the completions the token belongs to, from 0. */
  readonly index: number;
  /** As in `TokenLogprob`; only with the option `logprobs`. */
  readonly logprob?: number;
  /** The most likely tokens at this place, most likely first; only with the option `logprobs`. */
  readonly top?: readonly TopToken[];
}

/** One of the `n` continuations of a prompt, or one of the texts that beams `returned`. */
export interface Choice {
  /** Which of the completions this is, from 0. */
  readonly index: number;
  /** Without the prompt, without the stop string and without the end-of-text token. */
  readonly text: string;
  /**
   * All tokens that were sampled, including an end-of-text token and tokens whose text a stop string cut off.
   */
  readonly tokens: readonly number[];
  /** Why the completion ended. */
  readonly finishReason: FinishReason;
  /** One entry for each of `tokens`; only with the option `logprobs`. */
  readonly logprobs?: readonly TokenLogprob[];
  /** What the option `filter` found, in the order of the text; only with `filter`. */
  readonly filtered?: readonly Filtered[];
  /**
   * The sum of the tokens' log-probabilities, divided by the number of tokens ** `lengthPenalty`; only with
   * `beams`, whose choices are sorted by it. Penalties, biases and bans have changed the log-probabilities.
   */
  readonly score?: number;
}

/** Token counts of a generation. */
export interface Usage {
  /** Tokens of the prompt as it was evaluated. */
  readonly promptTokens: number;
  /** Prompt tokens that were not evaluated again, since the session still had their keys and values. */
  readonly cachedPromptTokens: number;
  /** Sampled tokens of all choices together. */
  readonly completionTokens: number;
  /** Guessed tokens that were evaluated; 0 without speculation. */
  readonly draftTokens: number;
  /** How many of them were what was sampled. */
  readonly acceptedDraftTokens: number;
}

/** Wall-clock times, without the time that a stream's consumer takes between two tokens. */
export interface Timings {
  /** Milliseconds from the start to the first sampled token, mostly for evaluating the prompt. */
  readonly promptMs: number;
  /** Milliseconds for all tokens after the first one. */
  readonly decodeMs: number;
  /** Evaluated prompt tokens per second, without cached ones. */
  readonly promptTokensPerSecond: number;
  /** Tokens per second, without the first token of each choice; 0 if there were no others. */
  readonly tokensPerSecond: number;
}

/** The result of a generation: the fields of its first choice, and all choices in `choices`. */
export interface Completion extends Omit<Choice, 'index'> {
  /** All choices, by index; the first one has the same fields as the completion. */
  readonly choices: readonly Choice[];
  /** How many tokens were evaluated and sampled. */
  readonly usage: Usage;
  /** How long the generation took. */
  readonly timings: Timings;
  /**
   * The seed that gives the same completion again: that of the options, or the one that was drawn; 0 for a
   * search, which draws nothing.
   */
  readonly seed: number;
}
