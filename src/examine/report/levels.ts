import { exp, LN2 } from '../../base/exact_math.js';
import type { ExaminedToken } from '../text/examination.js';
import { rankBin } from '../text/rank_bins.js';

/** Measures that colours can show. */
export const COLOURINGS = ['rank', 'probability', 'entropy'] as const;
export type Colouring = (typeof COLOURINGS)[number];

/** Strength of a colour: 0 for the most expected tokens to 4 for the least. */
export type Level = 0 | 1 | 2 | 3 | 4;

/** Levels of the bins of ranks. */
const OF_RANK = [0, 2, 3, 4] as const;
/** Least probability of each level but the last. */
const PROBABILITIES = [0.5, 0.2, 0.05, 0.01];
/** Limits of each level but the last, in bits. */
const ENTROPIES = [1, 2, 4, 6];

/** What the levels of each measure stand for. */
export const LEGENDS: Readonly<Record<Colouring, readonly (readonly [level: Level, meaning: string])[]>> = {
  rank: [
    [0, 'top 10'],
    [2, 'top 100'],
    [3, 'top 1000'],
    [4, 'others'],
  ],
  probability: [
    [0, '50 % and more'],
    [1, '20 to 50 %'],
    [2, '5 to 20 %'],
    [3, '1 to 5 %'],
    [4, 'below 1 %'],
  ],
  entropy: [
    [0, 'below 1 bit'],
    [1, '1 to 2 bits'],
    [2, '2 to 4 bits'],
    [3, '4 to 6 bits'],
    [4, '6 bits and more'],
  ],
};

/** The level of a token; undefined if it is not scored. */
export function levelOf(colouring: Colouring, { logprob, rank, entropy }: ExaminedToken): Level | undefined {
  if (logprob === undefined) return undefined;
  if (colouring === 'rank') return OF_RANK[rankBin(rank!)];
  if (colouring === 'probability') {
    const probability = exp(logprob);
    return levelIn(PROBABILITIES.findIndex((least) => probability >= least));
  }
  const bits = entropy! / LN2;
  return levelIn(ENTROPIES.findIndex((limit) => bits < limit));
}

function levelIn(found: number): Level {
  return (found === -1 ? 4 : found) as Level;
}
