import {
  PANEL_BYTES,
  Q4_BLOCK_BYTES,
  Q8_BLOCK_BYTES,
  WEIGHTS_F32,
  WEIGHTS_Q4,
  WEIGHTS_Q8,
} from '../abi';
import { blocks } from './formats/blocks';
import { addColumnF32 } from './formats/f32/column';
import { matmul } from './formats/f32/matmul';
import { packConv1dF32, packLinearF32 } from './formats/f32/pack';
import { packConv1dBlocks, packLinearBlocks } from './formats/pack_blocks';
import { addColumnQ4 } from './formats/q4/column';
import { ACTIVATIONS_BYTES as Q4_ACTIVATIONS_BYTES } from './formats/q4/layout';
import { UNPACKED_BYTES, matmulQ4 } from './formats/q4/matmul';
import { packLinearQ4_0 } from './formats/q4/pack';
import { addColumnQ8 } from './formats/q8/column';
import { ACTIVATIONS_BYTES as Q8_ACTIVATIONS_BYTES } from './formats/q8/layout';
import { matmulQ8 } from './formats/q8/matmul';
import { packLinearQ8_0 } from './formats/q8/pack';
import { preparedBytes } from './formats/q8/rows';
import { tileScratchBytes } from './formats/q8/tile';
import { quantizeRows, quantizeRowsQ4 } from './formats/quantize';

/*
 * All that depends on the format of the weights. Each function calls that of the format, so a new format is a
 * folder beside formats/q8 and a line in each function here.
 */

/** Bytes from one panel to the next of a matrix [K, N]. */
export function panelBytes(weights: i32, K: i32): usize {
  if (weights == WEIGHTS_Q8) return blocks(K) * Q8_BLOCK_BYTES;
  if (weights == WEIGHTS_Q4) return blocks(K) * Q4_BLOCK_BYTES;
  return (<usize>K) * PANEL_BYTES;
}

/** Whether `multiply` takes its input from `quantizeInput`. */
// @ts-ignore: decorator
@inline
export function isQuantized(weights: i32): bool {
  return weights != WEIGHTS_F32;
}

/**
 * Quantizes rows first.. first + count - 1 of x[rows, K] for `multiply`; does nothing for f32. Rows of x are
 * `stride` bytes apart.
 */
export function quantizeInput(
  weights: i32,
  quantized: usize,
  x: usize,
  stride: usize,
  rows: i32,
  first: i32,
  count: i32,
  K: i32,
): void {
  x += stride * first;
  if (weights == WEIGHTS_Q8) {
    quantizeRows(quantized + Q8_ACTIVATIONS_BYTES * first, Q8_ACTIVATIONS_BYTES * rows, x, stride, count, K);
  } else if (weights == WEIGHTS_Q4) {
    quantizeRowsQ4(quantized + blocks(K) * Q4_ACTIVATIONS_BYTES * first, x, stride, count, K);
  }
}

/**
 * out[rows, N] = x[rows, K] . w[K, N] (+ bias[N]) (+ out), where quantized formats read `quantized`, which
 * `quantizeInput` wrote from x. Whole panels are written, so rows of `out` and `bias` have room for N rounded
 * up to whole panels; `bias` may be 0. Strides are in bytes, `scratch` has `productScratchBytes`.
 */
export function multiply(
  weights: i32,
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  quantized: usize,
  rows: i32,
  w: usize,
  bias: usize,
  K: i32,
  N: i32,
  accumulate: bool,
  scratch: usize,
): void {
  if (weights == WEIGHTS_Q8) {
    matmulQ8(out, outStride, quantized, rows, w, bias, K, N, accumulate, scratch);
  } else if (weights == WEIGHTS_Q4) {
    matmulQ4(out, outStride, quantized, rows, w, bias, K, N, accumulate, scratch);
  } else {
    matmul(out, outStride, x, xStride, rows, w, panelBytes(weights, K), bias, K, N, accumulate);
  }
}

/** Bytes of scratch for `multiply` in any format, with up to `rows` rows and K up to `longestInput`. */
export function productScratchBytes(rows: i32, longestInput: i32): usize {
  return max(max(tileScratchBytes(rows), preparedBytes(longestInput)), UNPACKED_BYTES);
}

/** out[C] = a column of a panel + position[C]. */
export function addColumn(
  weights: i32,
  out: usize,
  position: usize,
  panel: usize,
  column: usize,
  C: i32,
): void {
  if (weights == WEIGHTS_Q8) addColumnQ8(out, position, panel, column, C);
  else if (weights == WEIGHTS_Q4) addColumnQ4(out, position, panel, column, C);
  else addColumnF32(out, position, panel, column, C);
}

/**
 * Packs rows firstRow.. of a matrix stored [K, N] (Conv1D) into panels. In quantized formats firstRow is a
 * multiple of BLOCK, and so is `rows` except at the end of the matrix.
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

/**
 * Packs rows firstRow.. of a matrix stored [N, K] (a linear layer, the token embedding) into panels of its
 * transpose.
 */
export function packLinear(weights: i32, panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  if (weights == WEIGHTS_F32) packLinearF32(panels, src, firstRow, rows, K);
  else packLinearBlocks(weights, panels, src, firstRow, rows, K);
}

/**
 * As `packLinear`, from blocks of the GGUF type with the same numbers, Q8_0 or Q4_0; K is a multiple of
 * BLOCK. Returns whether all scales are finite.
 */
export function packBlocks(weights: i32, panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): bool {
  return weights == WEIGHTS_Q8
    ? packLinearQ8_0(panels, src, firstRow, rows, K)
    : packLinearQ4_0(panels, src, firstRow, rows, K);
}
