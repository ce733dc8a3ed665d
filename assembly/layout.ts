import { OPERAND_BYTES } from './simd';

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
 * 8 steps of [16 columns][4 k] i8; what is missing is zero. A row of activations is blocks of 32 bytes and
 * their scale (f32). Both are as long as a whole number of blocks.
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

/** Bytes from one block to the next inside a row of quantized activations. */
// @ts-ignore: decorator
@inline
export const ACTIVATION_BLOCK_BYTES: usize = 36;

/*
 * Weights in q4: panels of blocks as in q8, each 16 signed scales (f16) and then 4 groups of [16 columns][4 bytes]. Byte j
 * of group g has weight k = 4 g + j of the block in its low bits and weight 16 + 4 g + j in its high ones, each 8 above its
 * value. A block of a row of activations is 32 numbers of OPERAND_BYTES, 4 bytes that take the 8 off again, and the scale
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
export const Q4_NUMBERS_BYTES: usize = 32 * OPERAND_BYTES;

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
