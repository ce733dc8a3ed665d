/*
 * Numbers that the core and the TypeScript around it agree on. AssemblyScript compiles this file into the
 * core, TypeScript into the package (src/core and src/dtypes import it), so it uses only what both languages
 * have: no decorators, no casts, and division only where nothing remains. src/core/abi/number_types.d.ts
 * gives TypeScript the types' names.
 */

/** Columns in one panel: a matrix [K, N] is stored as [ceil(N / PANEL)][K][PANEL], missing columns zero. */
export const PANEL: i32 = 16;

/** Bytes from one k to the next inside an f32 panel. */
export const PANEL_BYTES: usize = 64;

/** Length in core memory of a row or vector of n numbers: n rounded up to whole panels. */
export function padded(n: i32): i32 {
  return (n + PANEL - 1) & -PANEL;
}

/** Formats of the matrices. */
export const WEIGHTS_F32: i32 = 0;
export const WEIGHTS_Q8: i32 = 1;
export const WEIGHTS_Q4: i32 = 2;

/** Consecutive k of a column that share a scale in the quantized formats. */
export const BLOCK: i32 = 32;

/** Bytes of one block of a panel: PANEL scales (f16), then the weights of PANEL columns. */
export const Q8_BLOCK_BYTES: usize = 544;
export const Q4_BLOCK_BYTES: usize = 288;

/** Positions in a page of keys and values; also the keys of one step of attention's running softmax. */
export const PAGE: i32 = 128;

/** Formats of keys and values; q8 has a scale (f16) for each position and head, of keys and of values. */
export const KV_F32: i32 = 0;
export const KV_F16: i32 = 1;
export const KV_Q8: i32 = 2;

/** Bytes of a page's part of one head: its keys, its values, then their scales; a multiple of 16. */
export function pagePartBytes(format: i32, headSize: i32): i32 {
  if (format == KV_Q8) return PAGE * (((headSize + 1) & -2) + padded(headSize) + 4);
  return PAGE * (headSize + padded(headSize)) * (format == KV_F16 ? 2 : 4);
}

/** Bytes of a quantized activation in the simd build; the relaxed build needs half. */
export const WIDEST_ACTIVATION_BYTES: i32 = 2;

/**
 * Bytes after the BLOCK activations of a block: the scale (f32); for q4 before it -8 x the sum of the
 * activations.
 */
export const Q8_ACTIVATIONS_TAIL: i32 = 4;
export const Q4_ACTIVATIONS_TAIL: i32 = 8;

/** In place of a token id: the row begins as a vector that the caller has written. */
export const NO_TOKEN: i32 = -1;

/** Formats of stored numbers. */
export const F32: i32 = 0;
export const F16: i32 = 1;
export const BF16: i32 = 2;

/** Elementwise functions of the MLP. */
export const GELU_TANH: i32 = 0;
export const GELU_ERF: i32 = 1;
export const RELU: i32 = 2;
export const SILU: i32 = 3;
export const TANH: i32 = 4;

/** Matrices of a layer that can have an adapter, as places in the array of adapters: ADAPTERS a layer. */
export const ATTN: i32 = 0;
export const PROJ: i32 = 1;
export const FC: i32 = 2;
export const OUT: i32 = 3;
export const ADAPTERS: i32 = 4;

/** Entries in each sum of `blockSums`. */
export const SUM_BLOCK: i32 = 64;

/** Buckets of `bucketSums`, by the upper 16 bits of a float from 0 to 1; the last one is that of 1. */
export const BUCKETS: i32 = 0x3f81;
