import { partitionPoint } from '../../base/partition_point.js';

/** A beam and a token that may extend it. */
export interface Candidate {
  /** Index of the beam. */
  readonly beam: number;
  readonly token: number;
  /** Sum of the log-probabilities of the beam's tokens and this one. */
  readonly total: number;
}

/**
 * The candidates of the highest totals of one step, highest first; equal ones by lower beam, then by lower
 * token id. Totals of -Infinity, which banned tokens have, are no candidates.
 */
export class TopCandidates {
  readonly #most: number;
  #list: Candidate[] = [];

  /** `most`: how many to keep. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Adds all tokens after a beam. Beams must come in their order. `total`: sum of the log-probabilities of
   * the beam; `logProbs` [V]: those of the next token.
   */
  offer(beam: number, total: number, logProbs: Float32Array): void {
    let least = this.#least;
    for (let token = 0; token < logProbs.length; token++) {
      const sum = total + logProbs[token]!;
      if (sum > least) {
        this.#insert({ beam, token, total: sum });
        least = this.#least;
      }
    }
  }

  /** The candidates; afterwards there are none. */
  take(): Candidate[] {
    const list = this.#list;
    this.#list = [];
    return list;
  }

  /** The total that a further candidate must exceed. */
  get #least(): number {
    return this.#list.length < this.#most ? Number.NEGATIVE_INFINITY : this.#list.at(-1)!.total;
  }

  /** Inserts after all that are at least as good. */
  #insert(candidate: Candidate): void {
    const list = this.#list;
    const place = partitionPoint(0, list.length, (index) => list[index]!.total >= candidate.total);
    list.splice(place, 0, candidate);
    if (list.length > this.#most) list.pop();
  }
}
