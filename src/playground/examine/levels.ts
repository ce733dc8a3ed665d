import type { ExaminedToken } from '../../examine/text/examination.js';
import { rankBin } from '../../examine/text/rank_bins.js';
import type { Colouring } from './link.js';

export type { Colouring };

/** Classes of style/likelihood.css for the bins of ranks. */
const OF_RANK = ['p0', 'p2', 'p3', 'p4'];
const PROBABILITIES = [0.5, 0.2, 0.05, 0.01];
/** In bits. */
const ENTROPIES = [1, 2, 4, 6];

/** What a class of colour stands for, from the first to the last. */
export const LEGENDS: Readonly<Record<Colouring, readonly (readonly [style: string, meaning: string])[]>> = {
  rank: [
    ['p0', 'top 10'],
    ['p2', 'top 100'],
    ['p3', 'top 1000'],
    ['p4', 'others'],
  ],
  probability: [
    ['p0', '50 % and more'],
    ['p1', '20 %'],
    ['p2', '5 %'],
    ['p3', '1 %'],
    ['p4', 'below 1 %'],
  ],
  entropy: [
    ['p0', 'below 1 bit'],
    ['p1', '1 bit'],
    ['p2', '2 bits'],
    ['p3', '4 bits'],
    ['p4', '6 bits and more'],
  ],
};

/** The class of a token. */
export function levelOf(colouring: Colouring, { logprob, rank, entropy }: ExaminedToken): string {
  if (logprob === undefined) return 'p0';
  if (colouring === 'rank') return OF_RANK[rankBin(rank!)]!;
  if (colouring === 'probability') {
    const level = PROBABILITIES.findIndex((least) => logprob >= Math.log(least));
    return `p${level === -1 ? PROBABILITIES.length : level}`;
  }
  const level = ENTROPIES.findIndex((most) => entropy! < most * Math.LN2);
  return `p${level === -1 ? ENTROPIES.length : level}`;
}
