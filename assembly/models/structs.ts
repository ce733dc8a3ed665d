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
  /** C */
  channels: i32;
  layers: i32;
  heads: i32;
  /** Channels inside the MLP. */
  innerChannels: i32;
  activation: i32;
  /** Format of every matrix, the embedding included. */
  weights: i32;
  /** Format of keys and values. */
  kv: i32;
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
  /** Queries, keys and values, [rows, 3 C]; room for two times [rows, C]. */
  qkv: usize;
  /** Inside of the MLP, [rows, innerChannels]. */
  hidden: usize;
  /** A matrix's input quantized, [rows, C or innerChannels]; unused with f32 weights. */
  quantized: usize;
  /** Scratch of each thread, `scratchBytes` apart. */
  scratch: usize;
  scratchBytes: usize;
  /** Cross; 0 if the model has no cross-attention. */
  cross: usize;
}

/** A layer's attention over a memory. */
@unmanaged
export class CrossLayer {
  lnWeight: usize;
  lnBias: usize;
  query: Matrix;
  /** Keys and values of encoder states: [C, 2 C]. */
  keysAndValues: Matrix;
  proj: Matrix;
}

/** Cross-attention of a model. */
@unmanaged
export class Cross {
  /** Array of CrossLayer. */
  layerArray: usize;
  /** Array of addresses of a memory's pages, as of `Run.pages`; this and what follows is for `remember`. */
  pages: usize;
  /** The place in the memory of the state that is the first row of `Model.x`. */
  start: i32;
  rows: i32;
  firstLayer: i32;
  endLayer: i32;
}

/** Keys and values of encoder states. */
@unmanaged
export class Memory {
  /** Array of addresses of their pages, as of `Run.pages`. */
  pages: usize;
  /** How many there are. */
  states: i32;
  /**
   * Room for the weights of the states for each wanted row, [wanted, layers, heads, states], states rounded up to
   * whole pages; 0 if they are not asked for.
   */
  patterns: usize;
}

/** Consecutive positions of one sequence, which are consecutive rows of a batch. */
@unmanaged
export class Run {
  /** Array of addresses: page p holds the keys and values of positions PAGE p.. */
  pages: usize;
  /** Position of the first row. */
  start: i32;
  rows: i32;
  /** The first row's place in the batch. */
  first: i32;
  /** How many rows, counted from the last one, are wanted: those whose final hidden state is computed. */
  wanted: i32;
  /** The first wanted row's place among all wanted rows of the batch. */
  firstWanted: i32;
  /** Array of ADAPTERS Adapter a layer; 0 if the run has none. */
  adapters: usize;
  /** Memory; 0 if it has none. */
  memory: usize;
}

/** Rows of several sequences that are evaluated together. */
@unmanaged
export class Batch {
  /** Array of Run. */
  runs: usize;
  runCount: i32;
  rows: i32;
  /** How many rows are wanted. */
  wanted: i32;
  /** Token ids [rows], i32; NO_TOKEN for a row that begins as the vector that is in `Model.x` already. */
  tokens: usize;
  /** Rows of the position embedding [rows], i32. */
  positions: usize;
  /** Whether any run has adapters. */
  isAdapted: i32;
}

/** In place of a batch, where no adapters are to be added. */
export const NO_RUNS = changetype<Batch>(memory.data(offsetof<Batch>(), 4));

/** Layer `index` of a model. */
// @ts-ignore: decorator
@inline
export function layerOf(model: Model, index: i32): Layer {
  return changetype<Layer>(model.layerArray + (<usize>index) * offsetof<Layer>());
}

/** Layer `index` of a model's cross-attention. */
// @ts-ignore: decorator
@inline
export function crossLayerOf(cross: Cross, index: i32): CrossLayer {
  return changetype<CrossLayer>(cross.layerArray + (<usize>index) * offsetof<CrossLayer>());
}

/** Run `index` of a batch. */
// @ts-ignore: decorator
@inline
export function runOf(batch: Batch, index: i32): Run {
  return changetype<Run>(batch.runs + (<usize>index) * offsetof<Run>());
}

/** Place of the adapter of a layer's matrix (ATTN, PROJ, FC, OUT) in the array of adapters. */
// @ts-ignore: decorator
@inline
export function adapterPlace(layer: i32, matrix: i32): i32 {
  return ADAPTERS * layer + matrix;
}

/** The adapter at a place of an array of adapters, or 0; the array may be 0. */
export function adapterOf(adapters: usize, place: i32): usize {
  if (!adapters) return 0;
  const adapter = adapters + (<usize>place) * offsetof<Adapter>();
  return changetype<usize>(changetype<Adapter>(adapter).a) ? adapter : 0;
}
