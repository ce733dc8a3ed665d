import type { Family, Sample } from './exposition.js';

/** Sums that only grow, one for each combination of labels. */
export class Counter {
  readonly #values = new Map<string, Sample>();

  add(labels: Sample[0], amount: number): void {
    const key = JSON.stringify(labels);
    const [, value] = this.#values.get(key) ?? [labels, 0];
    this.#values.set(key, [labels, value + amount]);
  }

  family(name: string, help: string): Family {
    const samples = [...this.#values.values()].map((sample) => ['', ...sample] as const);
    return { name, type: 'counter', help, samples };
  }
}

/** Upper bounds of durations, in seconds. */
const BOUNDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120];

/** How often durations were at most so long. */
export class Durations {
  readonly #counts = BOUNDS.map(() => 0);
  #sum = 0;
  #count = 0;

  add(ms: number): void {
    const seconds = ms / 1000;
    for (const [i, bound] of BOUNDS.entries()) if (seconds <= bound) this.#counts[i]!++;
    this.#sum += seconds;
    this.#count++;
  }

  family(name: string, help: string): Family {
    const samples = [
      ...BOUNDS.map((bound, i) => ['_bucket', { le: String(bound) }, this.#counts[i]!] as const),
      ['_bucket', { le: '+Inf' }, this.#count] as const,
      ['_sum', {}, this.#sum] as const,
      ['_count', {}, this.#count] as const,
    ];
    return { name, type: 'histogram', help, samples };
  }
}
