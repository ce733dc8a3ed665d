import { WEIGHTS_F32, WEIGHTS_Q8 } from '../abi';
import { packConv1dF32, packLinearF32 } from './pack';
import { packConv1dBlocks, packLinearBlocks } from './pack_blocks';
import { packLinearQ4_0 } from './pack_q4';
import { packLinearQ8_0 } from './pack_q8';

/*
 * Everything that depends on the format of the weights: each function calls that of the format.
 */

/**
 * Packs rows firstRow.. of a matrix stored [K, N] (Conv1D) into panels. In quantized formats firstRow is a multiple of
 * BLOCK, and so is `rows` except at the end of the matrix.
 */
export function packConv1d(
  weights: i32,
  panels: usize,
  src: usize,
  firstRow: i32,
  rows: i32,
  K: i32,
  N: i32,
): void {
  if (weights == WEIGHTS_F32) packConv1dF32(panels, src, firstRow, rows, K, N);
  else packConv1dBlocks(weights, panels, src, firstRow, rows, K, N);
}

/** Packs rows firstRow.. of a matrix stored [N, K] (a linear layer, the token embedding) into panels of its transpose. */
export function packLinear(weights: i32, panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  if (weights == WEIGHTS_F32) packLinearF32(panels, src, firstRow, rows, K);
  else packLinearBlocks(weights, panels, src, firstRow, rows, K);
}

/**
 * As `packLinear`, from blocks of the GGUF type with the same numbers, Q8_0 or Q4_0; K is a multiple of BLOCK. Returns
 * whether all scales are finite.
 */
export function packBlocks(weights: i32, panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): bool {
  return weights == WEIGHTS_Q8
    ? packLinearQ8_0(panels, src, firstRow, rows, K)
    : packLinearQ4_0(panels, src, firstRow, rows, K);
}
