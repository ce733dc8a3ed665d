import { PANEL, PANEL_BYTES, padded } from '../abi.ts';

/*
 * The numbers of training that the core and TypeScript agree on; compiled by both, as abi.ts.
 */

/**
 * Kinds of tensors with a dropout rate: after the embedding, attention's weights, before each residual sum.
 */
export const DROPOUTS: i32 = 3;

/** Losses of a row: cross-entropy to its target, or to its target and a teacher's distribution, or minus the target's logit. */
export const LOSS_CROSS_ENTROPY: i32 = 0;
export const LOSS_SOFT: i32 = 1;
export const LOSS_LOGIT: i32 = 2;

/** First numbers of the tensors with dropout of a decoder, of its attention to states, and of an encoder. */
export const DECODER_SITE: i32 = 0;
export const CROSS_SITE: i32 = 0x40000000;
export const ENCODER_SITE: i32 = 0x20000000;

/** Places of a layer's trained adapters: ATTN, PROJ, FC and OUT, then of parts of an encoder's ATTN, then cross-attention. */
export const QUERY: i32 = 4;
export const CROSS_QUERY: i32 = 7;
export const CROSS_KEYS: i32 = 8;
export const CROSS_PROJ: i32 = 9;
export const TRAINED_ADAPTERS: i32 = 10;

/**
 * Longest stretch of a sum that training works on at once; the next stretch continues in the same
 * accumulators.
 */
export const STRETCH: i32 = 768;

/** f32 from one row of a transposed stretch to the next: a power of two would crowd a few cache sets. */
export const TRANSPOSED_LENGTH: i32 = STRETCH + PANEL;

/**
 * Panels that training packs into scratch together: at full depth, they and a block of rows fill half a
 * megabyte.
 */
export const PANEL_GROUP: i32 = 4;

/**
 * Gradients whose squares are summed in one go; the sums of chunks are added in order, whichever thread found
 * them.
 */
export const SQUARES_CHUNK: i32 = 65536;

/** Bytes that the backward pass of a layer norm keeps of a row: its mean and rstd, f32. */
export const NORM_STATISTICS_BYTES: usize = 8;

/** Queries in one tile of training's forward attention: a multiple of both tile heights of the f32 matmul. */
export const FORWARD_TILE: i32 = 24;

/** Keys in one tile of attention's backward pass: a multiple of both tile heights and of a panel. */
export const BACKWARD_TILE: i32 = 48;

/** Bytes of scratch for the Head (head.ts) that a thread hands to attention's passes: whole cache lines. */
export const HEAD_BYTES: usize = 128;

/**
 * Bytes of scratch for attention's forward pass over S keys in training: keys and values in panels, scores and
 * sums of a tile.
 */
export function attentionForwardScratchBytes(S: i32, headSize: i32): usize {
  const length = padded(S);
  const width = padded(headSize);
  return 4 * (length * headSize + length * width + FORWARD_TILE * (length + width));
}

/**
 * Bytes of scratch for attention's backward pass: operands of T queries and S keys in panels, three tiles of
 * T x tile, one of output, row sums.
 */
export function attentionBackwardScratchBytes(T: i32, S: i32, headSize: i32): usize {
  const length = padded(T);
  const width = padded(headSize);
  const operands = length * (2 * headSize + 3 * width) + padded(S) * width;
  return 4 * (operands + BACKWARD_TILE * (3 * length + width) + length);
}

/** Bytes of scratch for the products of training: PANEL_GROUP panels of a stretch. */
export const PANELS_BYTES: usize = PANEL_BYTES * PANEL_GROUP * STRETCH;

/**
 * Bytes of scratch that one thread needs to train attention of T queries over S keys, a whole number of cache
 * lines.
 */
export function trainingScratchBytes(T: i32, S: i32, headSize: i32): usize {
  const forward = attentionForwardScratchBytes(S, headSize);
  const backward = attentionBackwardScratchBytes(T, S, headSize);
  const attention = HEAD_BYTES + (forward > backward ? forward : backward);
  const rounded = (attention > PANELS_BYTES ? attention : PANELS_BYTES) + 63;
  return rounded - (rounded % 64);
}
