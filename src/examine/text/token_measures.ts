import type { Core, LogitsRow } from '../../core/types.js';
import type { Work } from '../../model/remote_models.js';
import { type Likely, likeliest, readScored, type ScoringPlan } from '../../score/scored_tokens.js';
import { logprobOfAny } from './border_logprob.js';

/** Numbers of the T tokens of a text. */
export interface TokenMeasures {
  /** ln p [T]; NaN for a token that is not scored, of which the other numbers are 0. */
  readonly logprobs: Float64Array;
  readonly ranks: Int32Array;
  /** In nats. */
  readonly entropy: Float64Array;
  /** Number of tokens that the model read before each. */
  readonly contexts: Int32Array;
  readonly top: Likely[][];
  /**
   * ln of the probability that a word ends before each token, and after the last one [T + 1]; 0 where it is not
   * measured.
   */
  readonly borders: Float64Array;
}

/** The places [T + 1] whose `borders` are measured, and the tokens that show that a word ended. */
export interface BorderPlaces {
  readonly isMeasured: (token: number) => boolean;
  readonly beginnings: Int32Array;
}

/** How often progress is reported, in tokens. */
const REPORT_EVERY = 64;

/** Measures all tokens in one pass. Throws `aborted`. */
export async function measureTokens(
  core: Core,
  plan: ScoringPlan,
  { isMeasured, beginnings }: BorderPlaces,
  { signal, onProgress }: Work,
): Promise<TokenMeasures> {
  const { tokens, first } = plan;
  const count = tokens.length;
  const measures: TokenMeasures = {
    logprobs: new Float64Array(count).fill(Number.NaN),
    ranks: new Int32Array(count),
    entropy: new Float64Array(count),
    contexts: new Int32Array(count),
    top: Array.from({ length: count }, () => []),
    borders: new Float64Array(count + 1),
  };
  const read = (row: LogitsRow, token: number, context: number) => {
    const id = tokens[token]!;
    const { logprob, rank, entropy } = row.measure(id);
    measures.logprobs[token] = logprob;
    measures.ranks[token] = rank;
    measures.entropy[token] = entropy;
    measures.contexts[token] = context;
    measures.top[token] = likeliest(row, plan.top, row.values[id]! - logprob);
    if (isMeasured(token)) measures.borders[token] = logprobOfAny(row, beginnings);
    const done = token + 1 - first;
    if (done % REPORT_EVERY === 0) onProgress?.({ done, total: count - first });
  };
  const readEnd = (row: LogitsRow) => {
    measures.borders[count] = logprobOfAny(row, beginnings);
  };
  await readScored(core, plan, { read, readEnd: isMeasured(count) ? readEnd : undefined, signal });
  onProgress?.({ done: count - first, total: count - first });
  return measures;
}
