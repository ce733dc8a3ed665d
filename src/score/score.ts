import type { Cancellation } from '../base/cancellation.js';
import { checkOptionNames } from '../base/check_options.js';
import type { Core, LogitsRow } from '../core/types.js';
import { allTexts } from '../generate/each_text.js';
import type { AnyPrompt } from '../generate/prefixed_prompt.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { resolveScoreOptions, SCORE_OPTION_NAMES, type ScoreOptions } from './score_options.js';
import { likeliest, perToken, planScoring, readScored } from './scored_tokens.js';

/** The likeliest tokens at each scored token, S x K, row-major; of equally likely ones the lower id comes first. */
export interface TopTokens {
  /** Their ids. */
  readonly ids: Int32Array;
  /** ln p of each. */
  readonly logprobs: Float32Array;
}

/**
 * How likely a text is to the model. Arrays have an entry for each scored token: for all T tokens, or from
 * the second on (T - 1 entries) if there is no start token, or from `from` on.
 */
export interface Score {
  /** The tokens of the text, T of them. */
  readonly tokens: readonly number[];
  /** ln p of each scored token, given all tokens before it (or those of its window). */
  readonly logprobs: Float32Array;
  /** Rank of each scored token in the model's distribution: 1 is the likeliest. */
  readonly ranks: Int32Array;
  /** Entropy of the distribution at each scored token, in nats. */
  readonly entropy: Float32Array;
  /** Variance of ln p under that distribution, in square nats. */
  readonly variance: Float32Array;
  /** The likeliest tokens, if the option `top` is more than 0. */
  readonly top?: TopTokens;
  /** Sum of `logprobs`: ln p of the text. */
  readonly sum: number;
  /**
   * `sum` over the number of scored tokens. Unlike `sum`, it can be compared between texts of different
   * lengths.
   */
  readonly mean: number;
  /** e^-mean. */
  readonly perplexity: number;
  /**
   * Bits to write a byte of UTF-8 of the scored tokens: comparable between models of different tokenizers.
   * `undefined` if the tokens stand for no bytes, or if the model came without a tokenizer.
   */
  readonly bitsPerByte: number | undefined;
}

/** Scores a text, or token ids; see `Model.score`. */
export async function scoreText(
  core: Core,
  tokenizer: Tokenizer,
  text: AnyPrompt,
  options: ScoreOptions,
  signal?: Cancellation,
): Promise<Score> {
  checkOptionNames('score', options, SCORE_OPTION_NAMES);
  const plan = planScoring(core.config, tokenizer, text, options);
  const { tokens, first, top } = plan;
  const count = tokens.length - first;
  const logprobs = new Float32Array(count);
  const ranks = new Int32Array(count);
  const entropy = new Float32Array(count);
  const variance = new Float32Array(count);
  const tops = { ids: new Int32Array(count * top), logprobs: new Float32Array(count * top) };
  let sum = 0;
  const read = (row: LogitsRow, token: number) => {
    const id = tokens[token]!;
    const i = token - first;
    const measure = row.measure(id);
    logprobs[i] = measure.logprob;
    ranks[i] = measure.rank;
    entropy[i] = measure.entropy;
    variance[i] = measure.variance;
    sum += measure.logprob;
    const likely = likeliest(row, top, row.values[id]! - measure.logprob);
    for (const [place, other] of likely.entries()) {
      tops.ids[i * top + place] = other.id;
      tops.logprobs[i * top + place] = other.logprob;
    }
  };
  await readScored(core, plan, { read, signal: signal ?? options.signal });
  return {
    ...{ tokens, logprobs, ranks, entropy, variance },
    ...(top > 0 && { top: tops }),
    ...{ sum, ...perToken(sum, tokens.slice(first), tokenizer) },
  };
}

/** Scores texts together; see `Model.score`. */
export async function scoreTexts(
  core: Core,
  tokenizer: Tokenizer,
  texts: readonly AnyPrompt[],
  options: ScoreOptions,
): Promise<Score[]> {
  checkOptionNames('score', options, SCORE_OPTION_NAMES);
  resolveScoreOptions(options, core.config);
  return allTexts(texts, options.signal, (text, signal) => scoreText(core, tokenizer, text, options, signal));
}
