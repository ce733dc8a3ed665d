import { exp } from '../../base/exact_math.js';
import { sortByProbability } from '../../generate/sampling/radix_sort.js';

/** How the next token is drawn, as in `GenerateOptions`. */
export interface Filters {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** 0: all. */
  readonly topK: number;
  readonly topP: number;
}

/** The probabilities of all tokens, in the order of their ranks. */
export interface Chances {
  /** At the temperature, before top-k and top-p. */
  readonly before: Float64Array;
  /** Number of the likeliest tokens that top-k and top-p leave. */
  readonly kept: number;
  /** What these have together. */
  readonly keptShare: number;
}

/** The piece of the line from 0 to 1 that belongs to a token. */
export interface Piece {
  readonly rank: number;
  readonly from: number;
  readonly to: number;
}

/** The tokens that may come next, likeliest first, equal ones by lower id. */
export class NextTokens {
  /** By rank. */
  readonly ids: Int32Array;
  /** By rank, less the largest one. */
  readonly #logits: Float64Array;
  readonly #ranks: Int32Array;

  /** `logits`: one of each token. */
  constructor(logits: Float32Array) {
    const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    this.ids = sortByProbability(Float32Array.from(logits, (logit) => exp(logit - most)));
    this.#logits = Float64Array.from(this.ids, (id) => logits[id]! - most);
    this.#ranks = new Int32Array(logits.length);
    for (const [rank, id] of this.ids.entries()) this.#ranks[id] = rank;
  }

  rankOf(id: number): number {
    return this.#ranks[id]!;
  }

  /** Applies the temperature, then top-k, then top-p to what top-k left. */
  chances({ temperature, topK, topP }: Filters): Chances {
    const logits = this.#logits;
    const before = new Float64Array(logits.length);
    if (temperature === 0) before[0] = 1;
    else for (let rank = 0; rank < before.length; rank++) before[rank] = exp(logits[rank]! / temperature);
    const sum = before.reduce((a, b) => a + b);
    for (let rank = 0; rank < before.length; rank++) before[rank]! /= sum;
    const most = topK === 0 ? before.length : Math.min(topK, before.length);
    let ofMost = 0;
    for (let rank = 0; rank < most; rank++) ofMost += before[rank]!;
    const wanted = topP < 1 ? topP * ofMost : Number.POSITIVE_INFINITY;
    let kept = 0;
    let keptShare = 0;
    while (kept < most && (kept === 0 || (keptShare < wanted && before[kept]! > 0))) {
      keptShare += before[kept++]!;
    }
    return { before, kept, keptShare };
  }
}

/** The probability of a rank after top-k and top-p. */
export function chanceOf({ before, kept, keptShare }: Chances, rank: number): number {
  return rank < kept ? before[rank]! / keptShare : 0;
}

/** The piece in which a number from 0 (inclusive) to 1 (exclusive) falls, if the pieces lie in the order of their ranks. */
export function pieceAt(chances: Chances, number: number): Piece {
  let from = 0;
  for (let rank = 0; ; rank++) {
    const to = rank === chances.kept - 1 ? 1 : from + chanceOf(chances, rank);
    if (number < to || rank === chances.kept - 1) return { rank, from, to };
    from = to;
  }
}
