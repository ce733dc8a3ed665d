import type { TextRange, TextToken } from '../document/tokenized_text.js';

/**
 * Tokens `start` to `end` (exclusive) that are scored in one call, for the log-probabilities from `from` on.
 */
export interface ScoringWindow {
  readonly start: number;
  readonly from: number;
  readonly end: number;
}

/**
 * The window with the first token without log-probability among `first` to `last` (exclusive). A text that
 * fits the context is one window; in a longer text, at least half a context precedes each token, or all there
 * is.
 */
export function nextScoringWindow(
  tokens: readonly TextToken[],
  first: number,
  last: number,
  contextLength: number,
): ScoringWindow | undefined {
  // The first token has no log-probability.
  let from = Math.max(1, first);
  while (from < last && tokens[from]!.logprob !== undefined) from++;
  if (from >= last) return undefined;
  const before = Math.floor(contextLength / 2);
  const start = tokens.length <= contextLength ? 0 : Math.max(0, from - before);
  return { start, from, end: Math.min(tokens.length, start + contextLength) };
}

/**
 * The tokens with the log-probabilities of a window, the last of which is that of the last token of the
 * window.
 */
export function withLogprobs(
  tokens: readonly TextToken[],
  { from, end }: ScoringWindow,
  logprobs: ArrayLike<number>,
): TextToken[] {
  return tokens.map((token, i) =>
    i < from || i >= end || token.logprob !== undefined
      ? token
      : { ...token, logprob: logprobs[logprobs.length - (end - i)] },
  );
}

/** Indices of the first token that overlaps a range, and of the first one after the range. */
export function tokensIn(tokens: readonly TextToken[], { from, to }: TextRange): [number, number] {
  let end = 0;
  let first = tokens.length;
  for (const [i, { text }] of tokens.entries()) {
    end += text.length;
    if (end > from) first = Math.min(first, i);
    if (end >= to) return [first, i + 1];
  }
  return [first, tokens.length];
}
