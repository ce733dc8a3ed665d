import { softmaxOf } from './probabilities.js';

/** A run of tokens with the probability of its ends. */
export interface ScoredRun {
  readonly first: number;
  readonly count: number;
  readonly score: number;
}

/**
 * The `top` likeliest runs of at most `maxTokens` tokens: p(first) p(last), each a softmax over the tokens; of equal
 * ones the earlier and shorter.
 */
export function bestSpans(
  startLogits: Float32Array,
  endLogits: Float32Array,
  { top, maxTokens }: { readonly top: number; readonly maxTokens: number },
): ScoredRun[] {
  const [starts, ends] = [softmaxOf(startLogits), softmaxOf(endLogits)];
  const best: ScoredRun[] = [];
  for (let first = 0; first < starts.length; first++) {
    const last = Math.min(starts.length, first + maxTokens) - 1;
    for (let end = first; end <= last; end++) {
      const score = starts[first]! * ends[end]!;
      if (best.length === top && score <= best.at(-1)!.score) continue;
      const place = best.findIndex((run) => run.score < score);
      best.splice(place < 0 ? best.length : place, 0, { first, count: end - first + 1, score });
      if (best.length > top) best.pop();
    }
  }
  return best;
}
