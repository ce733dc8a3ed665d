import type { Outcome } from './mutant.js';

/** Counts of outcomes. */
export class Score {
  readonly #counts = new Map<Outcome, number>();

  add(outcome: Outcome, count = 1): void {
    this.#counts.set(outcome, this.#of(outcome) + count);
  }

  merge(other: Score): void {
    for (const [outcome, count] of other.#counts) this.add(outcome, count);
  }

  /** Mutants that no suite notices. */
  get unnoticed(): number {
    return this.#of('survived') + this.#of('no test');
  }

  /** The share of mutants that a suite notices, of those that compile and change something. */
  toString(): string {
    const noticed = this.#of('killed') + this.#of('timeout');
    const tried = noticed + this.unnoticed;
    const counts = Array.from(this.#counts, ([outcome, count]) => `${count} ${outcome}`).sort();
    return `${((100 * noticed) / Math.max(tried, 1)).toFixed(1)} % of ${tried} (${counts.join(', ')})`;
  }

  #of(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }
}
