import { Matrix } from '../models/structs';

/*
 * Sizes, weights and buffers of a training pass over a decoder or an encoder; written by
 * src/core/training/structs.ts, 4 bytes a field. There are R = B T rows, each a whole number of panels long;
 * buffers have room for the largest batch that was planned.
 */
@unmanaged
export class Training {
  /** Model, whose scratch is not used. */
  model: usize;
  /** Whether a row sees only the rows before it: 1 in a decoder, 0 in an encoder. */
  causal: i32;
  /** CrossTraining of a decoder that attends to encoder states; 0 if it has none. */
  cross: usize;
  /** PrefixTraining of a decoder whose sequences begin with vectors that a mapper makes; 0 if there is none. */
  prefix: usize;
  /** Number of the tensor with dropout after the embedding; those of the layers follow. */
  firstSite: u32;
  /** B */
  batch: i32;
  /** T */
  length: i32;
  /** i32 [R]; NO_TOKEN where a mapper's vectors are. */
  tokens: usize;
  /** i32 [R]; below 0 if a row has no target. */
  targets: usize;
  /**
   * i32 [R]: for each row the position in its sequence at which its document begins, the first that it sees and the one
   * from which its own position counts; 0 if each sequence is one document.
   */
  starts: usize;
  /** Factor of the gradients: 1 / the number of targets in an optimizer step. */
  scale: f32;
  /** Factors of the rows' gradients beside `scale`, f32 [R]. */
  factors: usize;
  /** LOSS_CROSS_ENTROPY, LOSS_SOFT or LOSS_LOGIT. */
  loss: i32;
  /** Distributions that the rows of a tile of logits learn, `logitsStride` bytes apart, and the share of the targets; for LOSS_SOFT. */
  teacher: usize;
  hardShare: f32;
  /** Rows of a call of headPass, and whether it computes gradients. */
  firstRow: i32;
  endRow: i32;
  withGradients: i32;
  /** Whether the backward pass computes a layer's activations again, so that they need not be kept. */
  recompute: i32;
  /** Array of 3 Dropout: after the embedding, of attention's weights, before each residual sum. */
  dropouts: usize;

  /** First of the trained weights: matrices, which decay, then vectors. */
  weights: usize;
  matrixBytes: usize;
  weightBytes: usize;
  /**
   * Bytes from a weight to its gradient and to its two moments; weights that Muon updates have no second one.
   */
  toGradient: usize;
  toFirstMoment: usize;
  toSecondMoment: usize;
  /** Array of TRAINED_ADAPTERS Adapter a layer, or 0. */
  adapters: usize;
  /** Factor of an adapter's x . a. */
  adapterScale: f32;
  /** Gradient of an adapter's x . a, [rows, rank]. */
  dxa: usize;

  /** Residual stream before each layer and after the last, [layers + 1, R, C]. */
  residuals: usize;
  /**
   * This and the next four are kept of every layer, or of one if recomputing. Queries, keys and values: [R, 3
   * C].
   */
  qkv: usize;
  /** Attention's output, [R, C]. */
  attentionOutput: usize;
  /** Residual stream between attention and MLP, [R, C]. */
  residualAfterAttention: usize;
  /** Inside of the MLP before the activation function, [R, innerChannels]. */
  hidden: usize;
  /** ln of the sums of exponentials of attention's rows, [B, heads, T], T rounded up to whole panels. */
  logSums: usize;

  /** Output of a layer norm, [R, C]. */
  normed: usize;
  /** Gradient of the residual stream, [R, C]. */
  dx: usize;
  /** Gradient of a layer norm's output, or of attention's, [R, C]. */
  dnormed: usize;
  /** Gradient that dropout let through, [R, C]. */
  dropped: usize;
  /**
   * Inside of the MLP after the activation function; later its gradient, or that of qkv, [R, innerChannels or
   * 3 C].
   */
  dhidden: usize;
  /** Mean and rstd of each row of one layer norm, R x NORM_STATISTICS_BYTES. */
  normStatistics: usize;
  /** Transpose of one stretch of a product's input, [C or innerChannels, TRANSPOSED_STRIDE]. */
  transposed: usize;
  /** Logits and their gradients of a tile of rows, [tileRows, V], `logitsStride` bytes apart. */
  logits: usize;
  logitsStride: usize;
  tileRows: i32;
  /** f64 [R] */
  losses: usize;
  /** f64: the sum of squares of the latest call of gradientSquares. */
  result: usize;
  /** Update */
  update: usize;
  /** Muon; 0 if AdamW updates all weights. */
  muon: usize;
  /** f64: the sum of squares of each chunk of gradients. */
  partials: usize;
  /** PackedWeights; 0 if all weights are f32. */
  packed: usize;
  /** Scratch of each thread. */
  scratch: usize;
  scratchBytes: usize;
}

/** Matrices in a quantized format: frozen ones, which have no other copy, then copies of trained ones. */
@unmanaged
export class PackedWeights {
  format: i32;
  /** Largest magnitude of a number in the format. */
  largest: f32;
  /** The first of the packed matrices, and the bytes of all. */
  weights: usize;
  weightBytes: usize;
  /** Array of QuantizedMatrix, and how many there are: 0 while the trained matrices are used in f32. */
  matrices: usize;
  count: i32;
  /** Whether the copies are to be packed before they are read. */
  isStale: i32;
  /** Whether a number did not fit the format. */
  isUnfit: i32;
}

/** A trained matrix [K, N] in f32, and its copy in a quantized format. */
@unmanaged
export class QuantizedMatrix {
  weight: usize;
  copy: usize;
  K: i32;
  N: i32;
  /** Whether it is stored [N, K], so that loading packs it by columns. */
  isLinear: i32;
}

/** Attention of a decoder's layers to S encoder states a sequence, in training. */
@unmanaged
export class CrossTraining {
  /** TRAINING of the encoder that computes the states; 0 if they are given. */
  encoder: usize;
  /** ENCODER; 0 if there is none. */
  vision: usize;
  /** Whether the final norm's output of the encoder is given in its `normed`, so that it need not be computed. */
  given: i32;
  /** S */
  states: i32;
  /** Encoder states, [B S, C]. */
  memory: usize;
  /** Gradient of the states, [B S, C]; 0 if it is not asked for. */
  dmemory: usize;
  /** This and the next four are kept of every layer, or of one if recomputing. Queries, [R, C]. */
  queries: usize;
  /** Keys and values of the states, [B S, 2 C]. */
  keysAndValues: usize;
  /** The attention's output, [R, C]. */
  output: usize;
  /** Residual stream between this attention and the MLP, [R, C]. */
  residual: usize;
  /** As logSums of TRAINING. */
  logSums: usize;
  /** Gradient of a layer's keys and values, [B S, 2 C]. */
  dkeysAndValues: usize;
}

/** A mapper of ClipCap in training, which makes P vectors for each of B sequences. */
@unmanaged
export class PrefixTraining {
  /** TRAINING of the layers of a transformer over M + P vectors a sequence; 0 in a mapper of two matrices. */
  layers: usize;
  /** P */
  vectors: i32;
  /** [B, D] */
  features: usize;
  /** [D, inside], or [D, M C] before a transformer. */
  first: Matrix;
  /** [inside, P C]; null in a transformer. */
  second: Matrix;
  /** Learned vectors of a transformer, [P, C]. */
  learned: usize;
  /** Output of `first`, [B, its N]; in a transformer later its gradient. */
  hidden: usize;
  /** tanh of `hidden`, later its gradient; not in a transformer. */
  activated: usize;
  /** Output of `second`, [B, its N], later its gradient. */
  out: usize;
}
