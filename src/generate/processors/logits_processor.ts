/** The tokens so far, and sums over the logits, for a `LogitsProcessor`. */
export interface LogitsContext {
  /** Ids of the prompt's tokens; in a session those of its whole text. */
  readonly prompt: readonly number[];
  /** Ids of the tokens that were generated so far. */
  readonly tokens: readonly number[];
  /**
   * softmax(logits / temperature) [V] of the logits as they are now, the same bits in every engine. Valid
   * until the next call. Default temperature: 1.
   */
  softmax(temperature?: number): Float32Array;
  /** ln(sum(exp(logits))) of the logits as they are now, the same bits in every engine. */
  logSumExp(): number;
}

/**
 * A class or object of your own that changes the logits of the next token, for the option `processors`.
 *
 * One object serves all completions and beams of a call in turn, so that what it does must follow from the
 * context. To keep anything between two tokens of a completion, give a function that makes an object for
 * each.
 */
export interface LogitsProcessor {
  /**
   * Changes `logits` [V] in place; -Infinity bans a token. A token that is banned already stays banned. With
   * `beams` these are log-probabilities.
   */
  apply(logits: Float32Array, context: LogitsContext): void;
}

/** A processor, or a function that makes one for each completion and beam. */
export type GivenProcessor = LogitsProcessor | (() => LogitsProcessor);
