/** What an earlier observation counts when a new one comes. */
const DECAY = 0.97;

/** Records which guesses were drawn, until the first wrong one; `rateOf` gives the rate of guess i. */
export function recordHits(
  drawn: readonly number[],
  guesses: readonly number[],
  rateOf: (i: number) => HitRate,
): void {
  for (let i = 0; i < Math.min(drawn.length, guesses.length); i++) {
    const isHit = drawn[i] === guesses[i];
    rateOf(i).record(isHit);
    if (!isHit) return;
  }
}

/** How often drafts are right: the decaying share of hits among observations, beginning with a guess. */
export class HitRate {
  #hits: number;
  #count: number;

  /** `guess`: the share to begin with, which counts as `weight` observations. */
  constructor(guess: number, weight: number) {
    this.#hits = guess * weight;
    this.#count = weight;
  }

  get value(): number {
    return this.#hits / this.#count;
  }

  record(isHit: boolean): void {
    this.#hits = this.#hits * DECAY + (isHit ? 1 : 0);
    this.#count = this.#count * DECAY + 1;
  }
}
