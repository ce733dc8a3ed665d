export { BLOCK, PANEL, PANEL_BYTES, Q4_BLOCK_BYTES, Q8_BLOCK_BYTES, WEIGHTS_F32, WEIGHTS_Q4, WEIGHTS_Q8, padded } from './abi';
import { BLOCK, PANEL_BYTES, Q4_ACTIVATIONS_TAIL, Q4_BLOCK_BYTES, Q8_ACTIVATIONS_TAIL, Q8_BLOCK_BYTES, WEIGHTS_Q4, WEIGHTS_Q8 } from './abi';
import { ACTIVATION_BYTES } from './simd';

/*
 * Weights in q8: panels [ceil(N / PANEL)][ceil(K / BLOCK)], each block of a panel 16 scales (f16) and then
 * 8 steps of [16 columns][4 k] i8; what is missing is zero. Activations are [ceil(K / BLOCK)][rows], each block of a
 * row 32 numbers (u7 or i16, see simd.ts) and their scale (f32).
 */

/** Bytes of the scales at the start of a block of a q8 panel. */
// @ts-ignore: decorator
@inline
export const Q8_SCALES_BYTES: usize = 32;

/** Bytes of one step of 16 columns. */
// @ts-ignore: decorator
@inline
export const Q8_STEP_BYTES: usize = 64;

/** Bytes of a block of one row of quantized activations. */
// @ts-ignore: decorator
@inline
export const ACTIVATION_BLOCK_BYTES: usize = BLOCK * ACTIVATION_BYTES + Q8_ACTIVATIONS_TAIL;

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

/** Bytes of the numbers of a block of activations for q4. */
// @ts-ignore: decorator
@inline
export const Q4_NUMBERS_BYTES: usize = 32 * ACTIVATION_BYTES;

/** Bytes from one block to the next inside a row of activations for q4. */
// @ts-ignore: decorator
@inline
export const Q4_ACTIVATION_BLOCK_BYTES: usize = Q4_NUMBERS_BYTES + Q4_ACTIVATIONS_TAIL;

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
