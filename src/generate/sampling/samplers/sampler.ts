import type { LogitsRow } from '../../../core/types.js';

/** Changes the distribution from which a token is drawn. Each completion has its own samplers. */
export interface Sampler {
  /**
   * Changes `row.values` in place: -Infinity removes a token. Leaves at least one of those that there were.
   */
  apply(row: LogitsRow): void;
  /** Receives the probability that the drawn token had at last. */
  drawn?(probability: number): void;
}
