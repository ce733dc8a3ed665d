import type { Score } from '../../score/score.js';
import type { Served } from '../models/served.js';
import type { ListedToken } from './logprob_list.js';

/** A token of a text, with its rank in the model's distribution: 1 is the likeliest. */
export interface ScoredToken extends ListedToken {
  readonly rank: number;
}

/**
 * How likely each token of a prompt is, given those before it, with the `top` likeliest tokens at its place. The first
 * one has no log-probability.
 */
export async function promptScores(
  { model }: Served,
  ids: readonly number[],
  top: number,
  signal: AbortSignal,
): Promise<ScoredToken[]> {
  if (ids.length === 1) return [unscored(ids[0]!)];
  return scoredTokens(await model.score(ids, { start: false, top, signal }));
}

/** The tokens of a text that was scored; those at its beginning may have no log-probability. */
export function scoredTokens({ tokens, logprobs, ranks, top }: Score): ScoredToken[] {
  const before = tokens.length - logprobs.length;
  const width = (top?.ids.length ?? 0) / logprobs.length;
  return tokens.map((id, at) => {
    const i = at - before;
    if (i < 0) return unscored(id);
    const logprob = logprobs[i]!;
    const likeliest = Array.from({ length: width }, (_, place) => {
      const other = top!.ids[i * width + place]!;
      // The same number for the same token: clients compare them.
      return { id: other, logprob: other === id ? logprob : top!.logprobs[i * width + place]! };
    });
    return { id, logprob, rank: ranks[i]!, top: likeliest };
  });
}

const unscored = (id: number): ScoredToken => ({ id, logprob: null, rank: 0, top: [] });
