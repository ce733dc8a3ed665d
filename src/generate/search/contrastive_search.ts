import type { LogitsRow } from '../../core/types.js';

/** The settings of a contrastive search. */
export interface ContrastiveOptions {
  /** Weight of the similarity: 0 to 1. 0 is greedy search. */
  readonly penaltyAlpha: number;
  /** How many of the most likely tokens are candidates; 1 or more. */
  readonly topK: number;
}

/**
 * Contrastive search (Su et al. 2022, "A Contrastive Framework for Neural Text Generation"): of the `topK`
 * most likely tokens it takes the one with the largest
 *
 *     (1 - penaltyAlpha) * probability - penaltyAlpha * similarity,
 *
 * where the similarity is the largest cosine between the candidate's hidden state and those of all earlier
 * positions. A hidden state is the output of the last layer norm [C], from which the head computes logits.
 *
 * It evaluates nothing. The caller first passes the hidden state of each position of the prompt to
 * `remember`; then, for each token, the processed logits to `candidates` and the hidden states of these
 * candidates to `choose`.
 */
export class ContrastiveSearch {
  readonly #options: ContrastiveOptions;
  /** The hidden states so far, divided by their lengths. */
  readonly #directions: Float32Array[] = [];
  #probabilities: number[] = [];

  constructor(options: ContrastiveOptions) {
    this.#options = options;
  }

  /** Adds the hidden state of the next position of the text, which is copied. */
  remember(hidden: Float32Array): void {
    this.#directions.push(direction(hidden));
  }

  /**
   * The candidates for the next token, most likely first: `topK`, or fewer if the others are banned.
   * `row`: the logits after all remembered positions, which processors have changed.
   */
  candidates(row: Pick<LogitsRow, 'values' | 'softmax' | 'topK'>): number[] {
    const { values } = row;
    const probabilities = row.softmax(1);
    const tokens = Array.from(row.topK(Math.min(this.#options.topK, values.length))).filter(
      (token) => values[token]! > Number.NEGATIVE_INFINITY,
    );
    this.#probabilities = tokens.map((token) => probabilities[token]!);
    return tokens;
  }

  /**
   * The index of the candidate that the text continues with; of equally good ones the most likely. `hidden`:
   * the hidden state of each candidate as the next token; that of the chosen one is remembered.
   */
  choose(hidden: readonly Float32Array[]): number {
    const { penaltyAlpha } = this.#options;
    const directions = hidden.map(direction);
    const scores = directions.map(
      (candidate, index) =>
        (1 - penaltyAlpha) * this.#probabilities[index]! - penaltyAlpha * this.#largestCosine(candidate),
    );
    const best = scores.indexOf(Math.max(...scores));
    this.#directions.push(directions[best]!);
    return best;
  }

  #largestCosine(candidate: Float32Array): number {
    let largest = Number.NEGATIVE_INFINITY;
    for (const earlier of this.#directions) largest = Math.max(largest, dot(earlier, candidate));
    return largest;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A vector divided by its length; a vector of zeros has no direction and stays as it is. */
function direction(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}
