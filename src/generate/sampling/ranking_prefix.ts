/** Limits of a prefix of a ranking: it ends before the first entry that one of these refuses. */
export interface PrefixLimits {
  /** Most entries. */
  readonly count: number;
  /** The prefix ends once its probabilities sum to this; it always has the first entry. */
  readonly mass: number;
  /** Least probability of an entry. */
  readonly least: number;
}

/** The entries at ranks 0 (inclusive) to `end` (exclusive), and the sum of their probabilities. */
export interface RankingPrefix {
  readonly end: number;
  readonly total: number;
}
