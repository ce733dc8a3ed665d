import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { exp } from '../../base/exact_math.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import { startTokenFor } from '../../score/score_options.js';
import { isTexts } from '../../score/texts.js';
import { scoreWindows } from '../../score/windows.js';
import type { AnyModel } from '../any_model.js';
import { idsOf } from '../ids_of.js';
import { checkModel } from '../run_operation.js';
import { type Part, scoreParts } from '../score_parts.js';

/** How texts are measured by position. */
export interface ByPositionOptions extends Work {
  /**
   * Whether each text begins with the token that begins a text, which counts as a token before the others.
   * Default true if the model has one.
   */
  readonly start?: boolean | undefined;
}

/** Tokens that were predicted from `from` to `to` tokens before them. */
export interface PositionBucket {
  /** Fewest tokens before: 1 or more. */
  readonly from: number;
  /** Most tokens before, this number included. */
  readonly to: number;
  /** Number of scored tokens. */
  readonly tokens: number;
  /** Mean ln p of a token, in nats. */
  readonly mean: number;
  /** Standard error of `mean`; `undefined` of a single token. */
  readonly standardError: number | undefined;
  /** e^-mean. */
  readonly perplexity: number;
}

/**
 * How well tokens are predicted from few and from many tokens before them. Index i of the arrays is about the tokens
 * that i + 1 tokens come before; the arrays are as long as the longest text, at most the context length.
 */
export interface ByPosition {
  /** Number of scored tokens. */
  readonly counts: Int32Array;
  /** Mean ln p of them, in nats. */
  readonly means: Float64Array;
  /** The same for 1, 2, 3 to 4, 5 to 8, 9 to 16 ... tokens before. */
  readonly buckets: readonly PositionBucket[];
}

/**
 * Measures how much the tokens before help: mean log-probability and perplexity of tokens by the number of
 * tokens before them that the model reads. Texts that are longer than the context are cut into windows of
 * the context length, each of which begins with one token of the window before. A single text is a small sample of
 * each position: give many, or read the buckets with their standard errors.
 *
 * Throws `invalid-option`, also if no text has a token to score; `aborted`.
 */
export async function byPosition(
  model: AnyModel,
  input: Prompt | readonly Prompt[],
  options: ByPositionOptions = {},
): Promise<ByPosition> {
  checkModel(model);
  checkOptionNames('byPosition', options, ['start', 'signal', 'onProgress']);
  const { start, ...work } = options;
  const startToken = startTokenFor(start, model.config);
  const sequences: (readonly number[])[] = [];
  for (const prompt of isTexts(input) ? input : [input]) {
    const ids = await idsOf(model, prompt, work);
    sequences.push(startToken === undefined ? ids : [startToken, ...ids]);
  }
  if (sequences.every(({ length }) => length < 2)) {
    throw new Gpt2Error(
      'invalid-option',
      'no text has a token that another one comes before; give longer texts',
    );
  }
  return summarized(await sumsOf(model, sequences, work));
}

function* partsOf(sequences: readonly (readonly number[])[], contextLength: number): Generator<Part> {
  for (const sequence of sequences) {
    for (const { first, end } of scoreWindows(sequence.length, contextLength, contextLength)) {
      // Rows of the last window that were scored before are left out, so that it begins where it scores.
      yield { ids: sequence.slice(first - 1, end + 1), from: 1 };
    }
  }
}

/** Sums by the number of tokens before. */
interface Sums {
  readonly counts: Int32Array;
  readonly logprobs: Float64Array;
  readonly squares: Float64Array;
}

async function sumsOf(model: AnyModel, sequences: readonly (readonly number[])[], work: Work): Promise<Sums> {
  const { contextLength } = model.config;
  const longest = sequences.reduce((most, sequence) => Math.max(most, sequence.length - 1), 0);
  const length = Math.min(contextLength, longest);
  const total = sequences.reduce((sum, sequence) => sum + sequence.length - 1, 0);
  const counts = new Int32Array(length);
  const sums = new Float64Array(length);
  const squares = new Float64Array(length);
  const parts = partsOf(sequences, contextLength);
  for await (const { logprobs } of scoreParts(model, parts, total, work)) {
    for (const [i, logprob] of logprobs.entries()) {
      counts[i]!++;
      sums[i]! += logprob;
      squares[i]! += logprob * logprob;
    }
  }
  return { counts, logprobs: sums, squares };
}

function summarized({ counts, logprobs, squares }: Sums): ByPosition {
  const buckets: PositionBucket[] = [];
  for (let from = 1, to = 1; from <= counts.length; from = to + 1, to *= 2) {
    let [tokens, sum, square] = [0, 0, 0];
    const last = Math.min(to, counts.length);
    for (let i = from - 1; i < last; i++) {
      tokens += counts[i]!;
      sum += logprobs[i]!;
      square += squares[i]!;
    }
    const mean = sum / tokens;
    const variance = Math.max(0, square / tokens - mean * mean);
    const standardError = tokens > 1 ? Math.sqrt(variance / (tokens - 1)) : undefined;
    buckets.push({ from, to: last, tokens, mean, standardError, perplexity: exp(-mean) });
  }
  return { counts, means: logprobs.map((sum, i) => sum / counts[i]!), buckets };
}
