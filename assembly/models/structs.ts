import { ADAPTERS } from '../abi';

/*
 * The structures that lead to a model's weights and buffers. TypeScript writes them (src/core/abi), all
 * fields are 4 bytes, and a test compares the two sides. Pointers are to memory that was planned from the
 * config.
 */

/** w [K, N] in panels, with bias [N]. */
@unmanaged
export class Matrix {
  weight: usize;
  /** 0 if the matrix has none. */
  bias: usize;
  K: i32;
  N: i32;
}

@unmanaged
export class Layer {
  ln1Weight: usize;
  ln1Bias: usize;
  attn: Matrix;
  proj: Matrix;
  ln2Weight: usize;
  ln2Bias: usize;
  fc: Matrix;
  out: Matrix;
  /** Factor of the attention scores. */
  scoreScale: f32;
}

/** A low-rank change of a matrix w [K, N], x . w + (x . a) . b: Hu et al. 2021, "LoRA". */
@unmanaged
export class Adapter {
  /** [K, rank], f32; 0 if the matrix has no adapter. */
  a: Matrix;
  /** [rank, N], f32. */
  b: Matrix;
  /** Buffer for x . a, [rows, rank]; adapters may share it. */
  xa: usize;
}

@unmanaged
export class Model {
  /** V */
  vocabSize: i32;
  /** Positions that the KV cache has room for, a multiple of 16. */
  capacity: i32;
  /** C */
  channels: i32;
  layers: i32;
  heads: i32;
  /** Channels inside the MLP. */
  innerChannels: i32;
  activation: i32;
  /** Format of every matrix, the embedding included. */
  weights: i32;
  layerNormEpsilon: f32;
  wte: usize;
  wpe: usize;
  finalWeight: usize;
  finalBias: usize;
  head: Matrix;
  /** Array of Layer. */
  layerArray: usize;
  /** Residual stream, [rows, C]. */
  x: usize;
  /** Output of layer norm and attention, [rows, C]. */
  normed: usize;
  /** Queries, keys and values, [rows, 3 C]. */
  qkv: usize;
  /** Inside of the MLP, [rows, innerChannels]. */
  hidden: usize;
  /** A matrix's input quantized, [rows, C or innerChannels]; unused with f32 weights. */
  quantized: usize;
  /** Scratch of each thread, `scratchBytes` apart. */
  scratch: usize;
  scratchBytes: usize;
  /** Array of ADAPTERS Adapter a layer; 0 if no matrix has any. */
  adapters: usize;
}

/** Layer `index` of a model. */
// @ts-ignore: decorator
@inline
export function layerOf(model: Model, index: i32): Layer {
  return changetype<Layer>(model.layerArray + (<usize>index) * offsetof<Layer>());
}

/** The adapter of a layer's matrix, or 0. */
export function adapterOf(model: Model, layer: i32, place: i32): usize {
  if (!model.adapters) return 0;
  const adapter = model.adapters + <usize>(ADAPTERS * layer + place) * offsetof<Adapter>();
  return changetype<usize>(changetype<Adapter>(adapter).a) ? adapter : 0;
}
