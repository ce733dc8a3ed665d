/** What an earlier observation counts when a new one comes. */
const DECAY = 0.97;

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
