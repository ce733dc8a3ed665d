import { SUM_BLOCK } from '../../../assembly/abi.js';
import { Gpt2Error } from '../../base/errors.js';
import type { RandomStream } from '../../base/random.js';
import type { LogitsRow } from '../../core/types.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { Ranking } from './ranking.js';
import type { PrefixLimits } from './ranking_prefix.js';

export type SamplingOptions = Pick<ResolvedOptions, 'temperature' | 'topK' | 'topP' | 'minP'>;

/** Draws a token from a row of V logits, whose values it may change. */
export type Draw = (row: LogitsRow) => number;

/**
 * Dividing f32 logits by a smaller number could overflow. At this temperature the largest logits already
 * share all of the probability, as they do in the limit.
 */
export const LEAST_TEMPERATURE = 1e-30;

/** The first `end` ranks of a ranking, and the sum of their probabilities. */
interface Candidates {
  readonly ranking: Ranking;
  readonly end: number;
  readonly total: number;
}

/** The most likely of the candidates, up to a limit. */
function narrow({ ranking, end }: Candidates, limits: Partial<PrefixLimits>): Candidates {
  const prefix = ranking.prefix({ count: end, mass: Number.POSITIVE_INFINITY, least: 0, ...limits });
  return { ranking, ...prefix };
}

/** Applies the truncations that are on, each to the candidates that the one before it left. */
function truncate(row: LogitsRow, probabilities: Float32Array, options: SamplingOptions): Candidates {
  const { topK, topP, minP } = options;
  const { length } = probabilities;
  const end = topK === 0 ? length : Math.min(topK, length);
  let candidates: Candidates = { ranking: new Ranking(row, probabilities, end), end, total: 1 };
  if (topK > 0) candidates = narrow(candidates, {});
  if (topP < 1) candidates = narrow(candidates, { mass: topP * candidates.total });
  if (minP > 0) candidates = narrow(candidates, { least: minP * candidates.ranking.probability(0) });
  return candidates;
}

/** Draws from all V probabilities. Returns `best` if rounding errors leave the draw beyond the last token. */
function drawFromAll(
  row: LogitsRow,
  probabilities: Float32Array,
  best: number,
  random: RandomStream,
): number {
  const sums = row.blockSums();
  const total = sums.reduce((a, b) => a + b);
  let left = random.next() * total;
  for (let block = 0; block < sums.length; block++) {
    if (left >= sums[block]!) {
      left -= sums[block]!;
      continue;
    }
    const end = Math.min((block + 1) * SUM_BLOCK, probabilities.length);
    for (let id = block * SUM_BLOCK; id < end; id++) {
      left -= probabilities[id]!;
      if (left < 0) return id;
    }
  }
  return best;
}

function hasNaN(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

function notFinite(logit: string): Gpt2Error {
  return new Gpt2Error(
    'invalid-file',
    `the model computed the logit ${logit}: its weights hold NaN, infinite or far too large numbers`,
  );
}

/**
 * The id of the largest logit. Throws `invalid-option` when every logit is -Infinity, `invalid-file` when the
 * largest one, or with `looksAtAll` any of them, is not a number.
 */
export function likeliest(row: LogitsRow, looksAtAll: boolean): number {
  const best = row.argmax();
  const largest = row.values[best]!;
  // `argmax` skips NaN.
  if ((looksAtAll || largest === Number.NEGATIVE_INFINITY) && hasNaN(row.values)) throw notFinite('NaN');
  if (largest === Number.NEGATIVE_INFINITY) {
    throw new Gpt2Error(
      'invalid-option',
      'no token is left to sample: bannedTokens and noRepeatNgram ban all',
    );
  }
  if (largest === Number.POSITIVE_INFINITY) throw notFinite('Infinity');
  return best;
}

/**
 * Draws a token from a row of V logits, in the order of Hugging Face's logits warpers: temperature, top-k
 * (Fan et al. 2018), top-p (Holtzman et al. 2019), min-p (Nguyen et al. 2024). Each works on the renormalised
 * tokens that the one before left, and leaves at least one. Of equal probabilities at the limit of top-k or
 * top-p, the lower ids stay. Temperature 0 takes the largest logit and uses no random number.
 *
 * exp and ln are computed by the core; everything else is + - * / and comparisons, so every engine draws the
 * same token. The row's values stay as they are.
 *
 * Throws `invalid-option` when every logit is -Infinity, `invalid-file` when the logits are not finite
 * numbers.
 */
export function sample(row: LogitsRow, options: SamplingOptions, random: RandomStream): number {
  const isGreedy = options.temperature === 0;
  const best = likeliest(row, isGreedy);
  if (isGreedy) return best;
  const probabilities = row.softmax(Math.max(options.temperature, LEAST_TEMPERATURE));
  // A softmax of logits with NaN is NaN everywhere.
  if (!(probabilities[best]! > 0)) throw notFinite('NaN');

  const { topK, topP, minP } = options;
  if (topK === 0 && topP === 1 && minP === 0) return drawFromAll(row, probabilities, best, random);
  const { ranking, end, total } = truncate(row, probabilities, options);
  return ranking.idAtMass(random.next() * total, end) ?? ranking.id(0);
}
