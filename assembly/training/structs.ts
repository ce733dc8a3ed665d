/*
 * What a training pass works on, filled in field by field by src/core/training/structs.ts, 4 bytes each. R = B T rows,
 * each as long as a whole number of panels; buffers have room for the largest batch that was planned.
 */
@unmanaged
export class Training {
  /** Model, whose scratch is not used. */
  model: usize;
  /** B */
  batch: i32;
  /** T */
  length: i32;
  /** i32 [R] */
  tokens: usize;
  /** i32 [R]; below 0 where a row has no target. */
  targets: usize;
  /** What gradients are multiplied by: 1 / the number of targets in a step. */
  scale: f32;
  /** Whether a layer's activations are computed again in the backward pass instead of kept. */
  recompute: i32;
  /** Array of 3 Dropout: after the embedding, of attention's weights, before each residual sum. */
  dropouts: usize;

  /** First of the trained weights: matrices, which decay, then vectors. */
  weights: usize;
  matrixBytes: usize;
  weightBytes: usize;
  /** Bytes from a weight to its gradient and to its two moments. */
  toGradient: usize;
  toFirstMoment: usize;
  toSecondMoment: usize;
  /** What x . a of an adapter is multiplied by; with adapters the model's own weights are not trained. */
  adapterScale: f32;
  /** Gradient of an adapter's x . a, [R, rank]. */
  dxa: usize;

  /** Residual stream before each layer and after the last, [layers + 1, R, C]. */
  residuals: usize;
  /** Kept of every layer, or room for one when recomputing. Queries, keys and values: [R, 3 C]. */
  qkv: usize;
  /** Attention's output, [R, C]. */
  attentionOutput: usize;
  /** Residual stream between attention and MLP, [R, C]. */
  residualAfterAttention: usize;
  /** Inside of the MLP before its activation, [R, inner]. */
  hidden: usize;
  /** [B, heads, T], T as long as whole panels. */
  logSums: usize;

  /** A layer norm's output, [R, C]. */
  normed: usize;
  /** Gradient of the residual stream, [R, C]. */
  dx: usize;
  /** Gradient of a layer norm's output and of attention's, [R, C]. */
  dnormed: usize;
  /** Gradient that dropout let through, [R, C]. */
  dropped: usize;
  /** Inside of the MLP after its activation; gradients of it and of queries, keys and values, [R, inner or 3 C]. */
  dhidden: usize;
  /** Of one layer norm, R x NORM_STATISTICS_BYTES. */
  normStatistics: usize;
  /** One stretch of a product's input, [C or inner, TRANSPOSED_STRIDE]. */
  transposed: usize;
  /** Logits and their gradients of a tile of rows, [tileRows, V], `logitsStride` bytes apart. */
  logits: usize;
  logitsStride: usize;
  tileRows: i32;
  /** f64 [R] */
  losses: usize;
  /** f64: what the latest call found, the sum of losses or of squares. */
  result: usize;
  /** Update */
  update: usize;
  /** f64, one a chunk of gradients. */
  partials: usize;
  /** Scratch of each thread. */
  scratch: usize;
  scratchBytes: usize;
}
