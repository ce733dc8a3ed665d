/*
 * Muon's part of training; written by src/core/training/muon.ts, 4 bytes a field.
 */

/** A matrix that Muon orthogonalizes: some columns of a weight [K, ..] in panels. */
@unmanaged
export class MuonMatrix {
  weight: usize;
  K: i32;
  firstColumn: i32;
  columns: i32;
  /** Factor of the learning rate. */
  scale: f32;
}

/** Matrices and buffers of Muon; n is the longer side of a matrix, m the shorter one. */
@unmanaged
export class Muon {
  /** Array of MuonMatrix. */
  matrices: usize;
  count: i32;
  /** Bytes of all weights that Muon updates; they are the first of the trained weights. */
  weightBytes: usize;
  momentum: f32;
  /** 1 - momentum */
  oneMinusMomentum: f32;
  /** The matrix, or its transpose if that is taller, and the next iterate: both [n, m]. */
  iterate: usize;
  next: usize;
  /** X^T X, [m, m]. */
  gram: usize;
  /** The polynomial of X^T X that X is multiplied with, [m, m]. */
  polynomial: usize;
  /** Transpose of one stretch of X, [m, TRANSPOSED_STRIDE]. */
  transposed: usize;
  /** f64: the sum of squares of each chunk of X. */
  partials: usize;
}
