import type { PromptInputs } from './inputs.js';

/**
 * The values of options that are left out, for the API, the command line and the playground.
 *
 * Temperature and topP were measured on the embedded model. Without truncation (1, 1) every third to fourth
 * story has a broken word and loses its thread; with much lower values, stories begin and continue alike.
 * With 256 tokens nine of ten stories end.
 */
export const GENERATE_DEFAULTS = {
  maxTokens: 256,
  temperature: 0.8,
  topK: 0,
  topP: 0.95,
  minP: 0,
  typicalP: 1,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  noRepeatNgram: 0,
  n: 1,
  contextFull: 'stop',
  keep: 0,
} as const satisfies GenerateOptions;

/** How text is continued. Every option may be left out. */
export interface GenerateOptions {
  /** Most tokens of a completion, including an end-of-text token: 1 or more, default 256. */
  readonly maxTokens?: number | undefined;
  /**
   * Divides the logits before sampling: 0 to 100, default 0.8. 1 samples from the model's own distribution. 0
   * is greedy: it always takes the most likely token, of equally likely ones the lowest id.
   */
  readonly temperature?: number | undefined;
  /** Sample from the k most likely tokens (Fan et al. 2018). 0, the default, turns it off. */
  readonly topK?: number | undefined;
  /**
   * Nucleus sampling (Holtzman et al. 2019): sample from the fewest most likely tokens whose probabilities
   * sum to at least this: 0 to 1, default 0.95. 1 turns it off.
   */
  readonly topP?: number | undefined;
  /**
   * Sample from tokens that are at least this many times as likely as the most likely one (Nguyen et al.
   * 2024): 0 to 1. 0, the default, turns it off.
   */
  readonly minP?: number | undefined;
  /**
   * Locally typical sampling (Meister et al. 2022): sample from the tokens whose surprise is nearest to the
   * entropy, until they hold this share of the probability: above 0, at most 1. 1, the default, turns it off.
   */
  readonly typicalP?: number | undefined;
  /**
   * Divides positive and multiplies negative logits of each token that is in the prompt or the generated
   * text, once per token (CTRL, Keskar et al. 2019; as in Hugging Face): 0.01 to 100. 1, the default, turns
   * it off.
   */
  readonly repetitionPenalty?: number | undefined;
  /**
   * Subtracted from a token's logit once for each time that the token was generated; the prompt does not
   * count (as OpenAI defines it). -2 to 2, default 0.
   */
  readonly frequencyPenalty?: number | undefined;
  /**
   * Subtracted once from the logit of each token that was generated (as OpenAI defines it). -2 to 2, default
   * 0.
   */
  readonly presencePenalty?: number | undefined;
  /**
   * Never repeat n tokens in a row that are in the prompt or the generated text. 0, the default, turns it
   * off.
   */
  readonly noRepeatNgram?: number | undefined;
  /** Numbers that are added to the logits of single tokens: token id -> -100 to 100. */
  readonly logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number> | undefined;
  /** Ids of tokens that are never sampled. */
  readonly bannedTokens?: readonly number[] | undefined;
  /** Strings that end a completion. Its text ends before the first of them. None may be empty. */
  readonly stop?: string | readonly string[] | undefined;
  /**
   * Treat the end-of-text token like any other token: it does not end the completion, and its text is part of
   * the completion. (List it in `bannedTokens` to never sample it.) Default false.
   */
  readonly ignoreEos?: boolean | undefined;
  /**
   * An integer from 0 to 2^53 - 1. The same seed, prompt and options give the same completion on every
   * machine that computes the same logits. If it is left out, a random one is drawn, which the completion
   * reports.
   */
  readonly seed?: number | undefined;
  /**
   * Report the log-probability of each sampled token and of this many most likely tokens at its place: 0 to
   * 20. These are the model's own, before all of the options above. Default: no report.
   */
  readonly logprobs?: number | undefined;
  /**
   * Generations with a higher priority are computed first, also before those that have begun: an integer from
   * -1000 to 1000, default 0.
   */
  readonly priority?: number | undefined;
  /**
   * Ends the generation: it resolves with the text so far and the finish reason `aborted`. Nothing is thrown.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many completions to sample after one evaluation of the prompt: 1 to 128, default 1. Completion i is
   * the same for every `n` above i. Needs a temperature above 0, since greedy completions would all be equal.
   */
  readonly n?: number | undefined;
  /**
   * What happens when the tokens no longer fit the model's context:
   * - `stop` (default): the completion ends with the reason `context`
   * - `error`: throws `context-full`
   * - `shift`: continues with the first `keep` tokens and the most recent half of the rest, which is
   *   evaluated again
   *
   * A prompt that is longer than the context throws `context-full`, but `shift` shortens it in the same way.
   */
  readonly contextFull?: 'stop' | 'error' | 'shift' | undefined;
  /** How many tokens at the start `shift` always keeps: 0 (default) to two less than the context length. */
  readonly keep?: number | undefined;
  /**
   * Special tokens, such as `<|endoftext|>`, that the text of a prompt may contain: `'none'` (default; their
   * text is then encoded like any other text), `'all'`, or those that are listed. Allow none in text from
   * untrusted people.
   */
  readonly allowedSpecial?: 'none' | 'all' | readonly string[] | undefined;
  /**
   * Token healing: the model writes the last word, number, punctuation or white space of the prompt again
   * together with what follows, so that a prompt may end inside a word or with a space: "Once upon a ti" is
   * continued with "me". `text` holds only what follows the prompt; `tokens` begin with those that write the
   * prompt's end. Default false.
   */
  readonly heal?: boolean | undefined;
  /**
   * Vectors before the prompt, which may then be empty, and other positions; not for sessions and not with
   * `contextFull: 'shift'`. Checked when the first token is asked for.
   */
  readonly inputs?: PromptInputs | undefined;
}
