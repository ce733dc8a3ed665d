import { SUM_BLOCK } from '../../../assembly/abi.js';
import { Gpt2Error } from '../../base/errors.js';
import type { RandomStream } from '../../base/random.js';
import type { LogitsRow } from '../../core/types.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { Ranking } from './ranking.js';
import type { PrefixLimits } from './ranking_prefix.js';

export type SamplingOptions = Pick<ResolvedOptions, 'temperature' | 'topK' | 'topP' | 'minP' | 'typicalP'>;

/**
 * Dividing f32 logits by a smaller number could overflow. At this temperature the largest logits already
 * share all of the probability, as they do in the limit.
 */
export const LEAST_TEMPERATURE = 1e-30;

/** Ranks `start` (inclusive) to `end` (exclusive) of a ranking, and the sum of their probabilities. */
interface Candidates {
  readonly ranking: Ranking;
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

/** The most likely of the candidates, up to a limit. */
function narrow({ ranking, end }: Candidates, limits: Partial<PrefixLimits>): Candidates {
  const prefix = ranking.prefix({ count: end, mass: Number.POSITIVE_INFINITY, least: 0, ...limits });
  return { ranking, start: 0, ...prefix };
}

/**
 * Locally typical sampling (Meister et al. 2022): the candidates whose surprise -ln p is nearest to the
 * entropy of the distribution, until they hold `mass` of the probability; of equally near ones all. In the
 * ranking they are one window, which grows in both directions from the rank at which the surprise passes the
 * entropy.
 *
 * Overwrites the row with the candidates' logits / temperature, because exp and ln come from the core alone.
 */
function typical(
  row: LogitsRow,
  { ranking, end }: Candidates,
  temperature: number,
  mass: number,
): Candidates {
  const { values } = row;
  const largest = values[ranking.id(0)]!;
  if (end < values.length) {
    const kept = Array.from({ length: end }, (_, rank) => ranking.id(rank)).map(
      (id) => [id, values[id]!] as const,
    );
    values.fill(Number.NEGATIVE_INFINITY);
    for (const [id, logit] of kept) values[id] = logit;
  }
  for (let id = 0; id < values.length; id++) values[id] = (values[id]! - largest) / temperature;
  const logSumExp = row.logSumExp();
  const probabilities = row.softmax(1);

  let entropy = 0;
  for (let id = 0; id < values.length; id++) {
    const logit = values[id]!;
    if (logit > Number.NEGATIVE_INFINITY) entropy += probabilities[id]! * (logSumExp - logit);
  }

  const rest = new Ranking(row, probabilities, end);
  const possible = (rank: number) => rank < end && rest.probability(rank) > 0;
  const surprise = (rank: number) => logSumExp - values[rest.id(rank)]!;
  let start = 0;
  while (possible(start) && surprise(start) < entropy) start++;
  const window = { ranking: rest, start, end: start, total: 0 };
  let farthest = 0;
  for (;;) {
    const above =
      window.start > 0 ? Math.abs(surprise(window.start - 1) - entropy) : Number.POSITIVE_INFINITY;
    const below = possible(window.end) ? Math.abs(surprise(window.end) - entropy) : Number.POSITIVE_INFINITY;
    const distance = Math.min(above, below);
    if (distance === Number.POSITIVE_INFINITY) return window;
    if (window.total >= mass && distance > farthest) return window;
    farthest = distance;
    window.total += rest.probability(above <= below ? --window.start : window.end++);
  }
}

/** Applies the truncations that are on, each to the candidates that the one before it left. */
function truncate(row: LogitsRow, probabilities: Float32Array, options: SamplingOptions): Candidates {
  const { temperature, topK, topP, minP, typicalP } = options;
  const { length } = probabilities;
  const end = topK === 0 ? length : Math.min(topK, length);
  let candidates: Candidates = { ranking: new Ranking(row, probabilities, end), start: 0, end, total: 1 };
  if (topK > 0) candidates = narrow(candidates, {});
  if (topP < 1) candidates = narrow(candidates, { mass: topP * candidates.total });
  if (minP > 0) candidates = narrow(candidates, { least: minP * candidates.ranking.probability(0) });
  return typicalP < 1 ? typical(row, candidates, temperature, typicalP) : candidates;
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
 * Draws a token from a row of V logits, in the order of Hugging Face's logits warpers: temperature, top-k
 * (Fan et al. 2018), top-p (Holtzman et al. 2019), min-p (Nguyen et al. 2024), typical (Meister et al. 2022).
 * Each works on the renormalised tokens that the one before left, and leaves at least one. Of equal
 * probabilities at the limit of top-k or top-p, the lower ids stay. Temperature 0 takes the largest logit and
 * uses no random number.
 *
 * exp and ln are computed by the core; everything else is + - * / and comparisons, so every engine draws the
 * same token. The row's values must not be used afterwards.
 *
 * Throws `invalid-option` when every logit is -Infinity, `invalid-file` when the logits are not finite
 * numbers.
 */
export function sample(row: LogitsRow, options: SamplingOptions, random: RandomStream): number {
  const best = row.argmax();
  const largest = row.values[best]!;
  const isGreedy = options.temperature === 0;
  const temperature = Math.max(options.temperature, LEAST_TEMPERATURE);
  // `argmax` skips NaN, but a softmax of logits with NaN is NaN everywhere.
  if ((isGreedy || largest === Number.NEGATIVE_INFINITY) && hasNaN(row.values)) throw notFinite('NaN');
  if (largest === Number.NEGATIVE_INFINITY) {
    throw new Gpt2Error(
      'invalid-option',
      'no token is left to sample: bannedTokens and noRepeatNgram ban the whole vocabulary; ban fewer',
    );
  }
  if (largest === Number.POSITIVE_INFINITY) throw notFinite('Infinity');
  if (isGreedy) return best;
  const probabilities = row.softmax(temperature);
  if (!(probabilities[best]! > 0)) throw notFinite('NaN');

  const { topK, topP, minP, typicalP } = options;
  if (topK === 0 && topP === 1 && minP === 0 && typicalP === 1)
    return drawFromAll(row, probabilities, best, random);
  const { ranking, start, end, total } = truncate(row, probabilities, { ...options, temperature });
  const mass = random.next() * total;
  if (start === 0) return ranking.idAtMass(mass, end) ?? ranking.id(0);
  let left = mass;
  for (let rank = start; rank < end; rank++) {
    left -= ranking.probability(rank);
    if (left < 0) return ranking.id(rank);
  }
  return ranking.id(start);
}
