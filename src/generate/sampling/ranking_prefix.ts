/** Where a walk down a ranking ends: before the first entry that one of these refuses. */
export interface WalkLimits {
  /** Most entries. */
  readonly count: number;
  /** An entry is wanted as long as those before it sum to less than this; the first one always. */
  readonly mass: number;
  /** Least probability. */
  readonly least: number;
}

/** The entries at ranks 0 (inclusive) to `end` (exclusive), and the sum of their probabilities. */
export interface Walked {
  readonly end: number;
  readonly total: number;
}
