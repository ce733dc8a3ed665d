import type { FinishReason } from '../completion.js';

/** A finished text of a beam search. */
export interface Hypothesis {
  /** The generated tokens, including an end-of-text token. */
  readonly tokens: readonly number[];
  /** The sum of the tokens' log-probabilities, divided by the number of tokens ** lengthPenalty. */
  readonly score: number;
  readonly finishReason: FinishReason;
}

/** Sorts in place: highest scores first, equal ones as they were. */
export function sortByScore(hypotheses: Hypothesis[]): Hypothesis[] {
  return hypotheses.sort((a, b) => b.score - a.score);
}

/** The best finished texts so far, highest score first, of equal ones the earlier first. */
export class Hypotheses {
  readonly #most: number;
  readonly #list: Hypothesis[] = [];

  /** `most`: how many to keep. */
  constructor(most: number) {
    this.#most = most;
  }

  get list(): readonly Hypothesis[] {
    return this.#list;
  }

  get isFull(): boolean {
    return this.#list.length === this.#most;
  }

  /** The lowest score that was kept; there must be one. */
  get worst(): number {
    return this.#list.at(-1)!.score;
  }

  add(hypothesis: Hypothesis): void {
    this.#list.push(hypothesis);
    sortByScore(this.#list);
    if (this.#list.length > this.#most) this.#list.pop();
  }
}
