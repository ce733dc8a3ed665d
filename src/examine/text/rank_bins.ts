/**
 * Counts of tokens by rank, as GLTR groups them (Gehrmann, Strobelt and Rush, 2019): among the 10 likeliest, the next
 * up to 100, the next up to 1000, and all others. Machine text has more of the first.
 */
export interface RankBins {
  /** Ranks 1 to 10. */
  readonly top10: number;
  /** Ranks 11 to 100. */
  readonly top100: number;
  /** Ranks 101 to 1000. */
  readonly top1000: number;
  /** Ranks above 1000. */
  readonly rest: number;
}

/** The highest rank of each bin but the last. */
const LIMITS = [10, 100, 1000] as const;

/** Index of the bin of a rank: 0 for the 10 likeliest tokens to 3 for ranks above 1000. */
export function rankBin(rank: number): 0 | 1 | 2 | 3 {
  const bin = LIMITS.findIndex((limit) => rank <= limit);
  return (bin < 0 ? LIMITS.length : bin) as 0 | 1 | 2 | 3;
}

/** Counts ranks from 1. */
export function rankBins(ranks: Iterable<number>): RankBins {
  const counts = [0, 0, 0, 0];
  for (const rank of ranks) counts[rankBin(rank)]!++;
  const [top10, top100, top1000, rest] = counts as [number, number, number, number];
  return { top10, top100, top1000, rest };
}
