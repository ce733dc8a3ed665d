import { BLOCK } from '../../abi';

/** Bytes of the scales at the start of a block of a panel, in every quantized format: one f16 a column. */
// @ts-ignore: decorator
@inline
export const SCALES_BYTES: usize = 32;

/** Number of blocks in K weights of a column or K activations of a row. */
// @ts-ignore: decorator
@inline
export function blocks(K: i32): usize {
  return <usize>((K + BLOCK - 1) / BLOCK);
}
