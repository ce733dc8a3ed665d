import { normalTail } from '../../base/erfc.js';
import { ContextHistory } from '../../generate/watermark/context_history.js';
import type { ResolvedSynthId } from '../../generate/watermark/resolved_watermark.js';
import { Tournament } from '../../generate/watermark/tournament.js';
import { meanOf } from '../statistics/moments.js';
import type { TournamentDetection } from './detection.js';
import type { Reading } from './reading.js';

/** Most hashes from which the distribution of unmarked texts is computed. */
const MOST_HASHES = 2 ** 16;
/** A smaller variance comes from rounding: all scores are equal. */
const LEAST_VARIANCE = 1e-20;

/**
 * Mean and weighted mean of the values of a text's tokens (Dathathri et al. 2024), as transformers computes them: of
 * tokens with a new context, before the first end of text. z compares the weighted mean with that of all values of the
 * table of random bits, which unmarked tokens choose from.
 */
export async function readTournament(
  ids: readonly number[],
  watermark: ResolvedSynthId,
  { config, byLength, step }: Reading,
): Promise<TournamentDetection> {
  const tournament = new Tournament(watermark);
  const { ngramLen, depth } = tournament;
  const first = ngramLen - 1;
  const length = Math.max(0, ids.length - first);
  const gValues = new Uint8Array(length * depth);
  const isNewContext = new Uint8Array(length);
  const isBeforeEnd = new Uint8Array(length);
  const counts = new Uint8Array(length);
  const zByLength = new Float64Array(byLength ? length : 0);
  const history = new ContextHistory(watermark.contextHistorySize);
  const weights = layerWeights(depth);
  const unmarked = unmarkedScores(tournament, weights, watermark.samplingTable.length);
  const firstEnd = ids.findIndex((id) => config.eosTokenIds.includes(id));
  const end = firstEnd === -1 ? ids.length : firstEnd;
  let tokens = 0;
  let ones = 0;
  let weighted = 0;
  const isEvident = () => tokens > 0 && unmarked.variance > LEAST_VARIANCE;
  const zScore = () =>
    isEvident() ? (weighted / tokens - unmarked.mean) / Math.sqrt(unmarked.variance / tokens) : 0;
  for (let i = 0; i < length; i++) {
    await step(i, length);
    const context = ids.slice(i, i + first);
    if (!history.has(context)) isNewContext[i] = 1;
    history.add(context);
    if (i + first < end) isBeforeEnd[i] = 1;
    if (isNewContext[i] === 1 && isBeforeEnd[i] === 1) counts[i] = 1;
    const values = gValues.subarray(i * depth, (i + 1) * depth);
    const hash = tournament.withToken(tournament.hash(context), ids[i + first]!);
    for (let layer = 0; layer < depth; layer++) values[layer] = tournament.value(hash, layer);
    if (counts[i] === 1) {
      tokens++;
      ones += values.reduce((sum, value) => sum + value, 0);
      weighted += scoreOf(values, weights);
    }
    if (byLength) zByLength[i] = zScore();
  }
  const z = zScore();
  return {
    kind: 'synthid',
    tokens,
    mean: tokens === 0 ? 0 : ones / (tokens * depth),
    weightedMean: tokens === 0 ? 0 : weighted / tokens,
    z,
    p: isEvident() ? normalTail(z) : 1,
    first,
    gValues,
    isNewContext,
    isBeforeEnd,
    counts,
    ...(byLength && { zByLength }),
  };
}

/** From 10 to 1 in equal steps, divided by their mean. */
function layerWeights(depth: number): number[] {
  const steps = Array.from({ length: depth }, (_, layer) => 10 - (9 * layer) / Math.max(1, depth - 1));
  const mean = steps.reduce((sum, each) => sum + each, 0) / depth;
  return steps.map((each) => each / mean);
}

/** The weighted mean of one token's values. */
function scoreOf(values: Uint8Array, weights: readonly number[]): number {
  let sum = 0;
  for (let layer = 0; layer < values.length; layer++) sum += weights[layer]! * values[layer]!;
  return sum / values.length;
}

/** Mean and variance of the scores of all hashes, or of evenly spread ones, whose lower bits alone count. */
function unmarkedScores(tournament: Tournament, weights: readonly number[], size: number) {
  const scores = new Float64Array(Math.min(size, MOST_HASHES));
  const step = size / scores.length;
  const values = new Uint8Array(weights.length);
  for (let i = 0; i < scores.length; i++) {
    for (let layer = 0; layer < values.length; layer++) values[layer] = tournament.value(i * step, layer);
    scores[i] = scoreOf(values, weights);
  }
  const mean = meanOf(scores);
  return { mean, variance: meanOf(scores.map((score) => (score - mean) * (score - mean))) };
}
