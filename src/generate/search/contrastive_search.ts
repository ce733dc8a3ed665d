import type { LogitsRow } from '../../core/types.js';

/** A token that may come next, and its probability. */
export interface Candidate {
  readonly token: number;
  readonly probability: number;
}

/**
 * The `topK` most likely next tokens, most likely first; fewer if the others are banned. `row`: the logits,
 * which processors have changed.
 */
export function candidatesOf(row: Pick<LogitsRow, 'values' | 'softmax' | 'topK'>, topK: number): Candidate[] {
  const { values } = row;
  const probabilities = row.softmax(1);
  return Array.from(row.topK(Math.min(topK, values.length)))
    .filter((token) => values[token]! > Number.NEGATIVE_INFINITY)
    .map((token) => ({ token, probability: probabilities[token]! }));
}

/**
 * Contrastive search (Su et al. 2022, "A Contrastive Framework for Neural Text Generation"): of the most likely
 * tokens it takes the one with the largest
 *
 *     (1 - penaltyAlpha) * probability - penaltyAlpha * similarity,
 *
 * where the similarity is the largest cosine between the candidate's hidden state and those of all earlier
 * positions. A hidden state is the output of the last layer norm [C], from which the head computes logits.
 *
 * It evaluates nothing. The caller first passes the hidden state of each position of the prompt to
 * `remember`; then, for each token, the candidates with their hidden states to `choose`.
 */
export class ContrastiveSearch {
  readonly #penaltyAlpha: number;
  /** The hidden states so far, divided by their lengths. */
  readonly #directions: Float32Array[] = [];

  /** `penaltyAlpha`: the weight of the similarity, 0 to 1; 0 is greedy search. */
  constructor(penaltyAlpha: number) {
    this.#penaltyAlpha = penaltyAlpha;
  }

  /** Keeps the hidden state of a position of the prompt, which is copied. */
  remember(position: number, hidden: Float32Array): void {
    this.#directions[position] = direction(hidden);
  }

  /**
   * The index of the candidate that the text continues with; of equally good ones the first. `hidden`: the
   * hidden state of each candidate as the next token; that of the chosen one is remembered.
   */
  choose(candidates: readonly Candidate[], hidden: readonly Float32Array[]): number {
    const alpha = this.#penaltyAlpha;
    const directions = hidden.map(direction);
    const scores = candidates.map(
      ({ probability }, index) => (1 - alpha) * probability - alpha * this.#largestCosine(directions[index]!),
    );
    const best = scores.reduce((best, score, i) => (score > scores[best]! ? i : best), 0);
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
