import { BLOCK, Q8_ACTIVATIONS_TAIL } from '../../../abi';
import { ACTIVATION_BYTES } from '../../../simd';

/*
 * Weights: panels [ceil(N / PANEL)][ceil(K / BLOCK)] of blocks. A block is 16 scales (f16) and then 8 steps
 * of [16 columns][4 k] i8; missing weights are zero.
 *
 * Activations: [ceil(K / BLOCK)][rows] of blocks. A block is 32 activations (u7 or i16, see simd.ts) and
 * their scale (f32).
 */

/** Bytes of one step of 16 columns. */
// @ts-ignore: decorator
@inline
export const STEP_BYTES: usize = 64;

/** Bytes of one block of a row of activations. */
// @ts-ignore: decorator
@inline
export const ACTIVATIONS_BYTES: usize = BLOCK * ACTIVATION_BYTES + Q8_ACTIVATIONS_TAIL;
