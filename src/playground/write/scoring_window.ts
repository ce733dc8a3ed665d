import type { WrittenToken } from '../document/tokenized_text.js';

/** Tokens `start` to `end` of a text that are scored in one call; the results of those before `from` are known already. */
export interface Window {
  readonly start: number;
  readonly from: number;
  readonly end: number;
}

/**
 * The window that judges the first unjudged token among `first` to `last` (exclusive). A text that fits the context is one
 * window; in a longer one a token is judged after half a context at least.
 */
export function nextWindow(
  tokens: readonly WrittenToken[],
  first: number,
  last: number,
  contextLength: number,
): Window | undefined {
  // Nothing comes before the first token.
  let from = Math.max(1, first);
  while (from < last && tokens[from]!.logprob !== undefined) from++;
  if (from >= last) return undefined;
  const before = Math.floor(contextLength / 2);
  const start = tokens.length <= contextLength ? 0 : Math.max(0, from - before);
  return { start, from, end: Math.min(tokens.length, start + contextLength) };
}

/** The tokens with the log-probabilities of a window: those of its last tokens, up to one for each. */
export function judged(
  tokens: readonly WrittenToken[],
  { from, end }: Window,
  logprobs: ArrayLike<number>,
): WrittenToken[] {
  return tokens.map((token, i) =>
    i < from || i >= end || token.logprob !== undefined
      ? token
      : { ...token, logprob: logprobs[logprobs.length - (end - i)] },
  );
}
