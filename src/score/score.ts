import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import { checkNumber, whole } from '../base/check_number.js';
import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { evaluateOnce } from '../core/evaluate.js';
import type { Core, LogitsRow } from '../core/types.js';
import { allTexts } from '../generate/each_text.js';
import { type Prompt, promptTokens, startTokenOf } from '../generate/prompt.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { scoreWindows } from './windows.js';

/** How a text is scored. */
export interface ScoreOptions {
  /**
   * Score the first token too, after the token that begins a text: the model's beginning-of-text token, or
   * else its end-of-text token. Default: true if the model has one. Without it the first token is only read.
   */
  readonly start?: boolean | undefined;
  /**
   * How many tokens each window scores after the first, 1 to the context length: for texts longer than the
   * context, which are refused with `context-full` unless this is given. Each token is scored once, in the
   * first window that reaches it; windows overlap, so that it has at least contextLength - stride + 1 tokens
   * before it, or all there are.
   */
  readonly stride?: number | undefined;
  /**
   * Index of the first token of the text that is scored; those before it are only read. Default: all tokens
   * are scored.
   */
  readonly from?: number | undefined;
  /** How many of the likeliest tokens to give at each scored token, 0 (default) to 1000. */
  readonly top?: number | undefined;
  /** Ends the scoring with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The likeliest tokens at each scored token, S x K, row-major; of equally likely ones the lower id comes first. */
export interface TopTokens {
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

const OPTION_NAMES = Object.keys({
  start: true,
  stride: true,
  from: true,
  top: true,
  signal: true,
} satisfies Record<keyof ScoreOptions, true>);

interface ResolvedScoreOptions {
  /** The token after which the first one is scored. */
  readonly startToken: number | undefined;
  readonly stride: number | undefined;
  readonly from: number;
  readonly top: number;
}

/** Largest `top`. */
const MOST_TOP = 1000;

/** Checks the options. Throws `invalid-option`. */
function resolveScoreOptions(options: ScoreOptions, config: ModelConfig): ResolvedScoreOptions {
  checkOptionNames('score', options, OPTION_NAMES);
  const { start, stride, from = 0, top = 0 } = options;
  const { contextLength, vocabSize } = config;
  const startToken = startTokenOf(config);
  if (start !== undefined && typeof start !== 'boolean') throw invalidOption('start', start, 'true or false');
  if (start && startToken === undefined) {
    throw invalidOption('start', start, 'false: the model has no token that begins a text');
  }
  const isStride = Number.isInteger(stride) && stride! >= 1 && stride! <= contextLength;
  if (stride !== undefined && !isStride) {
    throw invalidOption('stride', stride, `an integer from 1 to the context length, ${contextLength}`);
  }
  checkNumber('from', from, whole(0));
  checkNumber('top', top, whole(0, MOST_TOP));
  return {
    startToken: start === false ? undefined : startToken,
    stride,
    from,
    top: Math.min(top, vocabSize),
  };
}

/** Scores a text, or token ids; see `Model.score`. */
export async function scoreText(
  core: Core,
  tokenizer: Tokenizer,
  text: Prompt,
  options: ScoreOptions,
  signal?: Cancellation,
): Promise<Score> {
  const { startToken, stride, from, top } = resolveScoreOptions(options, core.config);
  const advice = stride === undefined ? 'set stride to score it in windows' : undefined;
  const tokens = promptTokens(text, core.config, () => tokenizer, { advice });
  const { contextLength } = core.config;
  const sequence = startToken === undefined ? tokens : [startToken, ...tokens];
  // Index in the sequence of the first scored token.
  const begin = Math.max(1, from + sequence.length - tokens.length);
  const count = sequence.length - begin;
  if (from > 0 && count <= 0) {
    throw invalidOption('from', from, `less than the number of tokens, ${tokens.length}`);
  }
  if (count === 0) {
    throw new Gpt2Error(
      'invalid-option',
      'the text is one token and is scored without a start token, so nothing comes before it; give a longer text',
    );
  }
  if (sequence.length - 1 > contextLength && stride === undefined) {
    throw new Gpt2Error(
      'context-full',
      `${sequence.length - 1} tokens to score do not fit the model's context of ${contextLength}; set stride to score them in windows`,
    );
  }
  const logprobs = new Float32Array(count);
  const ranks = new Int32Array(count);
  const entropy = new Float32Array(count);
  const variance = new Float32Array(count);
  const tops = { ids: new Int32Array(count * top), logprobs: new Float32Array(count * top) };
  let sum = 0;
  const windows = scoreWindows(sequence.length, contextLength, stride ?? contextLength, begin);
  for (const { start, end, first } of windows) {
    const read = (row: LogitsRow, position: number) => {
      const id = sequence[start + position + 1]!;
      const i = start + position + 1 - begin;
      const measure = row.measure(id);
      logprobs[i] = measure.logprob;
      ranks[i] = measure.rank;
      entropy[i] = measure.entropy;
      variance[i] = measure.variance;
      sum += measure.logprob;
      if (top === 0) return;
      const logSumExp = row.values[id]! - measure.logprob;
      row.softmax(1);
      for (const [place, other] of row.topK(top).entries()) {
        tops.ids[i * top + place] = other;
        tops.logprobs[i * top + place] = row.values[other]! - logSumExp;
      }
    };
    const tokens = sequence.slice(start, end);
    const evaluation = { tokens, first: first - 1 - start, read, signal: signal ?? options.signal };
    await evaluateOnce(core, evaluation, 'scoring');
  }
  const mean = sum / count;
  const bytes = byteLength(tokens.slice(tokens.length - count), tokenizer);
  const bitsPerByte = bytes ? -sum / Math.LN2 / bytes : undefined;
  return {
    ...{ tokens, logprobs, ranks, entropy, variance },
    ...(top > 0 && { top: tops }),
    ...{ sum, mean, perplexity: Math.exp(-mean), bitsPerByte },
  };
}

/** Scores texts together; see `Model.score`. */
export async function scoreTexts(
  core: Core,
  tokenizer: Tokenizer,
  texts: readonly Prompt[],
  options: ScoreOptions,
): Promise<Score[]> {
  resolveScoreOptions(options, core.config);
  return allTexts(texts, options.signal, (text, signal) => scoreText(core, tokenizer, text, options, signal));
}

/** How many bytes the tokens decode to; special tokens count as none. */
function byteLength(ids: readonly number[], tokenizer: Tokenizer): number {
  const special = new Set(tokenizer.specialTokens.values());
  return ids.reduce((sum, id) => sum + (special.has(id) ? 0 : tokenizer.tokenBytes(id).length), 0);
}
