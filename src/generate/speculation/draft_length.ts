import type { ExpectedMs } from './expected_ms.js';

/** Most drafts of one evaluation: with the token before them their logits are computed in one call. */
export const MOST_DRAFTS = 11;

/** Drafts must promise this many times the tokens in a time, since estimates are rough. */
const LEAST_GAIN = 1.05;

/**
 * How many drafts promise the most tokens in a time; 0 if none promise more than going without. `chances[i]` is
 * the chance of draft i if all before it are right, and `draftMs` the time of making one.
 */
export function draftLength(
  ms: ExpectedMs,
  chances: readonly number[],
  otherRows: number,
  draftMs: number,
): number {
  const alone = ms(otherRows + 1);
  if (alone === undefined) return 0;
  let best = 0;
  let most = (LEAST_GAIN * (otherRows + 1)) / alone;
  let right = 1;
  let tokens = otherRows + 1;
  chances.forEach((chance, i) => {
    right *= chance;
    tokens += right;
    const length = i + 1;
    const rate = tokens / (ms(otherRows + 1 + length)! + length * draftMs);
    if (rate > most) {
      most = rate;
      best = length;
    }
  });
  return best;
}
