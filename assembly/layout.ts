import { ACTIVATION_BYTES } from './simd';

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

/** Blocks that K numbers take. */
// @ts-ignore: decorator
@inline
export function blocks(K: i32): usize {
  return <usize>((K + BLOCK - 1) / BLOCK);
}
