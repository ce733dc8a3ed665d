import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { ln } from '../../base/exact_math.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import { checkStride, startTokenFor } from '../../score/score_options.js';
import { scoreWindows } from '../../score/windows.js';
import type { AnyModel } from '../any_model.js';
import { idsOf } from '../ids_of.js';
import { checkModel } from '../run_operation.js';
import { type Part, scoreParts } from '../score_parts.js';
import { checkObserver, expectations, type TwoReaders } from './two_models.js';

/** How a text is measured. */
export interface DetectorOptions extends Work {
  /** A second model with the same vocabulary, for `observerCurvature` and `binoculars`. */
  readonly observer?: AnyModel | undefined;
  /**
   * Whether the first token is measured too, after the token that begins a text; otherwise it is only context.
   * Default: true for a text, if the model has such a token; false for ids, as in the published implementations.
   */
  readonly start?: boolean | undefined;
  /**
   * A text that is longer than the context is read in windows, as in `Model.score`: tokens measured by each window
   * after the first, from 1 to the context length. Default half of the context.
   */
  readonly stride?: number | undefined;
}

/** Measures that differ, on average, between texts of people and of language models. None is a verdict. */
export interface Detectors {
  /** Mean ln p of a token, in nats. Higher for most generated texts. */
  readonly likelihood: number;
  /** Minus the mean rank of a token, 1 being the likeliest. Higher for most generated texts. */
  readonly rank: number;
  /** Minus the mean ln rank. Higher for most generated texts. */
  readonly logRank: number;
  /**
   * Log-likelihood log-rank ratio (LRR; Su et al. 2023): `likelihood` over `logRank`. Higher for most generated
   * texts; `undefined` if every token is the likeliest.
   */
  readonly lrr: number | undefined;
  /**
   * Mean entropy of the distributions, in nats. Published as higher for most generated texts (Mitchell et al. 2023),
   * but with small models it is often lower: `calibrate` shows which holds.
   */
  readonly entropy: number;
  /**
   * Analytic conditional probability curvature (Fast-DetectGPT; Bao et al. 2024): by how many standard deviations
   * the text is likelier than one that the model itself draws. Higher for most generated texts.
   * `undefined` if every distribution has one token alone.
   */
  readonly curvature: number | undefined;
  /** The same with texts that the observer draws: Fast-DetectGPT with another reference model. */
  readonly observerCurvature?: number | undefined;
  /**
   * Binoculars (Hans et al. 2024), the model being the performer: its log perplexity over its cross entropy under
   * the observer's distributions. Lower for most generated texts.
   */
  readonly binoculars?: number | undefined;
  /** Number of measured tokens. */
  readonly tokens: number;
}

const OPTION_NAMES = Object.keys({
  observer: true,
  start: true,
  stride: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof DetectorOptions, true>);

/**
 * Measures a text as detectors of machine text do.
 *
 * These numbers say little about a single text, and no threshold holds everywhere: `calibrate` makes one from your
 * own texts. Short texts (below 100 tokens or so) vary too much. Texts of another kind, language or time than
 * those of the calibration, formulaic ones, often quoted ones, and those of people who write in a second
 * language look like machine text to a model (Liang et al. 2023). Generated texts that were paraphrased,
 * edited, sampled at a high temperature or written by other models look human (Krishna et al. 2023). Nobody should be
 * accused because of them.
 *
 * Throws `invalid-option`, also for an observer with another vocabulary, and for a single token without a start
 * token; `aborted`. Progress counts tokens, with an observer those that both models have read.
 */
export async function detectors(
  model: AnyModel,
  text: Prompt,
  options: DetectorOptions = {},
): Promise<Detectors> {
  checkModel(model);
  checkOptionNames('detectors', options, OPTION_NAMES);
  const { observer, signal, onProgress } = options;
  const standard = typeof text === 'string' ? undefined : false;
  const startToken = startTokenFor(options.start === undefined ? standard : options.start, model.config);
  if (observer !== undefined) await checkObserver(model, observer, { signal });
  const contextLength = Math.min(model.config.contextLength, observer?.config.contextLength ?? Infinity);
  const { stride = Math.ceil(contextLength / 2) } = options;
  checkStride(stride, contextLength);
  const ids = await idsOf(model, text, { signal });
  const sequence = startToken === undefined ? ids : [startToken, ...ids];
  if (sequence.length < 2) {
    throw new Gpt2Error(
      'invalid-option',
      'the text is one token and is measured without a start token, so nothing comes before it; give a longer text',
    );
  }
  const window = { sequence, contextLength, stride };
  const sums = await sumsOf(model, window, observer ? { signal } : { signal, onProgress });
  const measured = measuresOf(sums);
  if (observer === undefined) return measured;
  const both = await ofTwoModels({ ...window, model, observer }, sums.logprob, { signal, onProgress });
  return { ...measured, ...both };
}

type Windows = Pick<TwoReaders, 'sequence' | 'contextLength' | 'stride'>;

/** Sums over all measured tokens. */
interface Sums {
  tokens: number;
  logprob: number;
  rank: number;
  logRank: number;
  entropy: number;
  variance: number;
}

async function sumsOf(model: AnyModel, windows: Windows, work: Work): Promise<Sums> {
  const sums: Sums = { tokens: 0, logprob: 0, rank: 0, logRank: 0, entropy: 0, variance: 0 };
  const total = windows.sequence.length - 1;
  for await (const score of scoreParts(model, partsOf(windows), total, work)) {
    const { logprobs, ranks, entropy, variance } = score;
    sums.tokens += logprobs.length;
    for (let i = 0; i < logprobs.length; i++) {
      sums.logprob += logprobs[i]!;
      sums.rank += ranks[i]!;
      sums.logRank += ln(ranks[i]!);
      sums.entropy += entropy[i]!;
      sums.variance += variance[i]!;
    }
  }
  return sums;
}

function* partsOf({ sequence, contextLength, stride }: Windows): Generator<Part> {
  for (const { start, end, first } of scoreWindows(sequence.length, contextLength, stride)) {
    yield { ids: sequence.slice(start, end + 1), from: first - start };
  }
}

function measuresOf({ tokens, logprob, rank, logRank, entropy, variance }: Sums): Detectors {
  return {
    likelihood: logprob / tokens,
    rank: -rank / tokens,
    logRank: logRank === 0 ? 0 : -logRank / tokens,
    lrr: logRank > 0 ? -logprob / logRank : undefined,
    entropy: entropy / tokens,
    curvature: curvatureOf(logprob, -entropy, variance),
    tokens,
  };
}

/** `mean` and `variance` are sums of those of ln p of the drawn tokens. */
function curvatureOf(logprob: number, mean: number, variance: number): number | undefined {
  return variance > 0 ? (logprob - mean) / Math.sqrt(variance) : undefined;
}

/** `logprob`: the sum of ln p of all tokens after the first. */
async function ofTwoModels(
  readers: TwoReaders,
  logprob: number,
  work: Work,
): Promise<Pick<Detectors, 'observerCurvature' | 'binoculars'>> {
  const tokens = readers.sequence.length - 1;
  let [mean, variance, crossEntropy, rows] = [0, 0, 0, 0];
  for await (const row of expectations(readers, work)) {
    crossEntropy -= row.mean;
    // No token of the text follows the last row, which Binoculars counts nevertheless.
    if (rows++ === tokens) continue;
    mean += row.mean;
    variance += row.variance;
  }
  return {
    observerCurvature: curvatureOf(logprob, mean, variance),
    binoculars: crossEntropy > 0 ? -logprob / tokens / (crossEntropy / rows) : undefined,
  };
}
