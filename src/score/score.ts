import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
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
  /** Ends the scoring with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How likely a text is to the model. Arrays have an entry for each scored token: for all T tokens, or from
 * the second on (T - 1 entries) if there is no start token.
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

const OPTION_NAMES = Object.keys({ start: true, stride: true, signal: true } satisfies Record<
  keyof ScoreOptions,
  true
>);

interface ResolvedScoreOptions {
  /** The token after which the first one is scored. */
  readonly startToken: number | undefined;
  readonly stride: number | undefined;
}

/** Checks the options. Throws `invalid-option`. */
function resolveScoreOptions(options: ScoreOptions, config: ModelConfig): ResolvedScoreOptions {
  checkOptionNames('score', options, OPTION_NAMES);
  const { start, stride } = options;
  const { contextLength } = config;
  const startToken = startTokenOf(config);
  if (start !== undefined && typeof start !== 'boolean') throw invalidOption('start', start, 'true or false');
  if (start && startToken === undefined) {
    throw invalidOption('start', start, 'false: the model has no token that begins a text');
  }
  const isStride = Number.isInteger(stride) && stride! >= 1 && stride! <= contextLength;
  if (stride !== undefined && !isStride) {
    throw invalidOption('stride', stride, `an integer from 1 to the context length, ${contextLength}`);
  }
  return { startToken: start === false ? undefined : startToken, stride };
}

/** Scores a text, or token ids; see `Model.score`. */
export async function scoreText(
  core: Core,
  tokenizer: Tokenizer,
  text: Prompt,
  options: ScoreOptions,
  signal?: Cancellation,
): Promise<Score> {
  const { startToken, stride } = resolveScoreOptions(options, core.config);
  const advice = stride === undefined ? 'set stride to score it in windows' : undefined;
  const tokens = promptTokens(text, core.config, () => tokenizer, { advice });
  const { contextLength } = core.config;
  const sequence = startToken === undefined ? tokens : [startToken, ...tokens];
  const count = sequence.length - 1;
  if (count === 0) {
    throw new Gpt2Error(
      'invalid-option',
      'the text is one token and is scored without a start token, so nothing comes before it; give a longer text',
    );
  }
  if (count > contextLength && stride === undefined) {
    throw new Gpt2Error(
      'context-full',
      `${count} tokens to score do not fit the model's context of ${contextLength}; set stride to score them in windows`,
    );
  }
  const logprobs = new Float32Array(count);
  const ranks = new Int32Array(count);
  const entropy = new Float32Array(count);
  let sum = 0;
  for (const { start, end, first } of scoreWindows(sequence.length, contextLength, stride ?? contextLength)) {
    const read = (row: LogitsRow, position: number) => {
      const i = start + position;
      const measure = row.measure(sequence[i + 1]!);
      logprobs[i] = measure.logprob;
      ranks[i] = measure.rank;
      entropy[i] = measure.entropy;
      sum += measure.logprob;
    };
    const tokens = sequence.slice(start, end);
    const evaluation = { tokens, first: first - 1 - start, read, signal: signal ?? options.signal };
    await evaluateOnce(core, evaluation, 'scoring');
  }
  const mean = sum / count;
  const bytes = byteLength(tokens.slice(tokens.length - count), tokenizer);
  const bitsPerByte = bytes ? -sum / Math.LN2 / bytes : undefined;
  return { tokens, logprobs, ranks, entropy, sum, mean, perplexity: Math.exp(-mean), bitsPerByte };
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
