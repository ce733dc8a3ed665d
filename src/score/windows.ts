/**
 * One evaluation of a part of a sequence: tokens [start, end) are evaluated, and tokens [first, end] are
 * scored.
 */
export interface Window {
  readonly start: number;
  readonly end: number;
  readonly first: number;
}

/**
 * The windows in which tokens `from` (at least 1) to length - 1 of a sequence are scored, each token once.
 *
 * The first window reads the sequence from its beginning, if the context has room. Each window after it scores the next
 * `stride` tokens, from all tokens before them that fit the context: a token is scored from at least
 * contextLength - stride tokens before it (and one more). A stride of the context length gives the disjoint
 * windows of EleutherAI's evaluation harness; a smaller one scores with more context and takes more time.
 */
export function* scoreWindows(
  length: number,
  contextLength: number,
  stride: number,
  from = 1,
): Generator<Window> {
  let end = from - 1;
  while (end < length - 1) {
    const first = end + 1;
    const furthest = Math.max(end + stride, first === from ? contextLength : 0);
    end = Math.min(length - 1, furthest);
    yield { start: Math.max(0, end - contextLength), end, first };
  }
}
