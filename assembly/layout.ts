import { ACTIVATION_BYTES } from './simd';

/** Formats of the matrices; src/core/abi/model_struct.ts holds the same numbers. */
export const WEIGHTS_F32: i32 = 0;
export const WEIGHTS_Q8: i32 = 1;
export const WEIGHTS_Q4: i32 = 2;

/** Columns in one panel: matrices are stored as [ceil(N / PANEL)][K][PANEL], missing columns zero. */
// @ts-ignore: decorator
@inline
export const PANEL: i32 = 16;

/** Bytes from one k to the next inside a panel. */
// @ts-ignore: decorator
@inline
export const PANEL_BYTES: usize = 64;

/** Rows and vectors are as long as a whole number of panels. */
// @ts-ignore: decorator
@inline
export function padded(n: i32): i32 {
  return (n + PANEL - 1) & -PANEL;
}

/*
 * Weights in q8: panels [ceil(N / PANEL)][ceil(K / BLOCK)], each block of a panel 16 scales (f16) and then
 * 8 steps of [16 columns][4 k] i8; what is missing is zero. Activations are [ceil(K / BLOCK)][rows], each block of a
 * row 32 numbers (u7 or i16, see simd.ts) and their scale (f32).
 */

/** k that share a scale in q8. */
// @ts-ignore: decorator
@inline
export const BLOCK: i32 = 32;

/** Bytes of the scales at the start of a block of a q8 panel. */
// @ts-ignore: decorator
@inline
export const Q8_SCALES_BYTES: usize = 32;

/** Bytes from one block to the next inside a q8 panel. */
// @ts-ignore: decorator
@inline
export const Q8_BLOCK_BYTES: usize = 544;

/** Bytes of one step of 16 columns. */
// @ts-ignore: decorator
@inline
export const Q8_STEP_BYTES: usize = 64;

/** Bytes of a block of one row of quantized activations. */
// @ts-ignore: decorator
@inline
export const ACTIVATION_BLOCK_BYTES: usize = BLOCK * ACTIVATION_BYTES + 4;

/*
 * Weights in q4: panels of blocks as in q8, each 16 signed scales (f16) and then 4 groups of [16 columns][4 bytes]. Byte j
 * of group g has weight k = 4 g + j of the block in its low bits and weight 16 + 4 g + j in its high ones, each 8 above its
 * value. A block of a row of activations is 32 numbers of ACTIVATION_BYTES, 4 bytes that take the 8 off again, and the scale
 * (f32). Numbers of two bytes are in the order 0, 2, 1, 3 within each 4, as the halves of the weights' bytes come apart.
 */

/** Bytes of the scales at the start of a block of a q4 panel. */
// @ts-ignore: decorator
@inline
export const Q4_SCALES_BYTES: usize = 32;

/** Bytes from one block to the next inside a q4 panel. */
// @ts-ignore: decorator
@inline
export const Q4_BLOCK_BYTES: usize = 288;

/** Bytes of the numbers of a block of activations for q4. */
// @ts-ignore: decorator
@inline
export const Q4_NUMBERS_BYTES: usize = 32 * ACTIVATION_BYTES;

/** Bytes from one block to the next inside a row of activations for q4. */
// @ts-ignore: decorator
@inline
export const Q4_ACTIVATION_BLOCK_BYTES: usize = Q4_NUMBERS_BYTES + 8;

/** Blocks that K numbers take. */
// @ts-ignore: decorator
@inline
export function blocks(K: i32): usize {
  return <usize>((K + BLOCK - 1) / BLOCK);
}

/** Bytes from one panel to the next of a matrix [K, N] in a format. */
export function panelBytes(weights: i32, K: i32): usize {
  if (weights == WEIGHTS_Q8) return blocks(K) * Q8_BLOCK_BYTES;
  if (weights == WEIGHTS_Q4) return blocks(K) * Q4_BLOCK_BYTES;
  return (<usize>K) * PANEL_BYTES;
}
