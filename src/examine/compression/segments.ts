import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { startTokenOf } from '../../generate/prompt.js';
import { scoreWindows, type Window } from '../../score/windows.js';

/*
 * Tokens are cut into segments, which know nothing of each other: they are decoded side by side, a token of each at
 * a time, in one batch. Within a segment a token is predicted from those before it in its window.
 */

/** Most segments: the rows of a batch whose logits are computed together. */
export const MOST_SEGMENTS = 12;

/** How a list of tokens is cut. */
export interface Cut {
  readonly tokens: number;
  readonly segments: number;
  /** Tokens that each window predicts after the first one. */
  readonly stride: number;
}

/** Segments of four contexts or more lose less than a percent by their beginnings. */
export function cutOf(tokens: number, { contextLength }: ModelConfig): Cut {
  const segments = Math.floor(tokens / (4 * contextLength));
  return {
    tokens,
    segments: Math.min(MOST_SEGMENTS, Math.max(1, segments)),
    stride: Math.ceil((3 * contextLength) / 4),
  };
}

/** Tokens of all segments but the last ones. */
export const segmentLength = ({ tokens, segments }: Cut) => Math.ceil(tokens / segments);

/** Index of the first token of each segment that has any. */
export function segmentStarts(cut: Cut): number[] {
  const length = segmentLength(cut);
  return Array.from({ length: cut.segments }, (_, i) => i * length).filter((start) => start < cut.tokens);
}

/** The order in which tokens are coded: the first one of each segment, then the second ones. */
export function* codingOrder(cut: Cut): Generator<number> {
  const length = segmentLength(cut);
  for (let i = 0; i < length; i++) {
    for (let token = i; token < cut.tokens; token += length) yield token;
  }
}

/** The token before each segment: the one that begins a text, or any. */
export const beforeSegment = (config: ModelConfig) => startTokenOf(config) ?? 0;

/** The windows of a segment of `length` tokens that follows `beforeSegment`. */
export function segmentWindows(
  length: number,
  { stride }: Cut,
  { contextLength }: ModelConfig,
): Iterable<Window> {
  return scoreWindows(length + 1, contextLength, stride);
}
