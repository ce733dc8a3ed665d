import { BLOCK, Q4_ACTIVATIONS_TAIL } from '../../../abi';
import { ACTIVATION_BYTES } from '../../../simd';

/*
 * Weights: panels [ceil(N / PANEL)][ceil(K / BLOCK)] of blocks. A block is 16 signed scales (f16) and then 4
 * groups of [16 columns][4 bytes]. Byte j of group g holds weight k = 4 g + j in its low bits and weight 16 +
 * 4 g + j in its high bits, both stored 8 too high (0..15).
 *
 * Activations: [rows][ceil(K / BLOCK)] of blocks. A block is 32 numbers of ACTIVATION_BYTES, -8 x their sum
 * (4 bytes), which cancels the 8 of the weights, and their scale (f32). Numbers of two bytes are in the order
 * 0, 2, 1, 3 within each 4, the order in which the halves of the weights' bytes come apart.
 */

/** Bytes of the 32 numbers of a block of activations. */
// @ts-ignore: decorator
@inline
export const NUMBERS_BYTES: usize = BLOCK * ACTIVATION_BYTES;

/** Bytes of one block of a row of activations. */
// @ts-ignore: decorator
@inline
export const ACTIVATIONS_BYTES: usize = NUMBERS_BYTES + Q4_ACTIVATIONS_TAIL;
