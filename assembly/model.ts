/*
 * The structures the TypeScript side fills in before the first call (src/core/abi/model_struct.ts),
 * field by field, 4 bytes each. Every pointer is to memory planned from the config.
 */

@unmanaged
export class Layer {
  ln1Weight: usize;
  ln1Bias: usize;
  attnWeight: usize;
  attnBias: usize;
  projWeight: usize;
  projBias: usize;
  ln2Weight: usize;
  ln2Bias: usize;
  fcWeight: usize;
  fcBias: usize;
  outWeight: usize;
  outBias: usize;
  /** What attention scores are multiplied by. */
  scoreScale: f32;
}

/** A low-rank change of a matrix w [K, N], x . w + (x . a) . b: Hu et al. 2021, "LoRA". */
@unmanaged
export class Adapter {
  /** [K, rank] in panels, f32; 0 where the matrix has none. */
  a: usize;
  /** [rank, N] in panels, f32. */
  b: usize;
  rank: i32;
  /** Place of x . a, [rows, rank]; adapters may share it. */
  low: usize;
}

/** Places of a layer's adapters. */
export const ATTN: i32 = 0;
export const PROJ: i32 = 1;
export const FC: i32 = 2;
export const OUT: i32 = 3;
const ADAPTERS: i32 = 4;

@unmanaged
export class Model {
  /** V */
  vocab: i32;
  /** T the KV cache has room for, a multiple of 16. */
  capacity: i32;
  /** C */
  channels: i32;
  layers: i32;
  heads: i32;
  inner: i32;
  activation: i32;
  /** Format of every matrix, the embedding included. */
  weights: i32;
  epsilon: f32;
  wte: usize;
  wpe: usize;
  finalWeight: usize;
  finalBias: usize;
  head: usize;
  /** Array of Layer. */
  layer: usize;
  /** Residual stream, [block, C]. */
  x: usize;
  /** Layer norm's and attention's output, [block, C]. */
  normed: usize;
  /** Queries, keys and values, [block, 3 C]. */
  qkv: usize;
  /** Inside of the MLP, [block, inner]. */
  hidden: usize;
  /** A matrix's input quantized, [block, C or inner]; unused with f32 weights. */
  quantized: usize;
  /** Scratch of each thread, `scratchBytes` apart. */
  scratch: usize;
  scratchBytes: usize;
  /** Array of ADAPTERS Adapter a layer; 0 where no matrix has any. */
  adapters: usize;
}

/** The adapter of a layer's matrix, or 0. */
export function adapterOf(model: Model, layer: i32, place: i32): usize {
  if (!model.adapters) return 0;
  const adapter = model.adapters + <usize>(ADAPTERS * layer + place) * offsetof<Adapter>();
  return changetype<Adapter>(adapter).a ? adapter : 0;
}
