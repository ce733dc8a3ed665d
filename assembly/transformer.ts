import { ATTN, FC, OUT, PROJ } from './abi';
import { activate } from './kernels/activation';
import { attendHead, storeKeyValue } from './kernels/attention';
import { embed } from './kernels/embedding';
import { layernorm } from './kernels/layernorm';
import { matmul } from './kernels/matmul_f32';
import { matmulQ4 } from './kernels/matmul_q4';
import { matmulQ8 } from './kernels/matmul_q8';
import { quantizeRows, quantizeRowsQ4 } from './kernels/quantize';
import {
  ACTIVATION_BLOCK_BYTES,
  PANEL,
  PANEL_BYTES,
  Q4_ACTIVATION_BLOCK_BYTES,
  WEIGHTS_F32,
  WEIGHTS_Q4,
  WEIGHTS_Q8,
  blocks,
  padded,
  panelBytes,
} from './layout';
import { Adapter, Layer, Matrix, Model, adapterOf, layerOf } from './model';
import { barrier, chunkOf, shareEnd, shareStart, takeChunk, threadIndex } from './threads';

/*
 * Every thread makes these calls with the same arguments and does a part: its share of the rows of a norm, chunks of
 * the panels of a matrix, heads of attention. A barrier stands wherever a part needs what another thread wrote.
 */

/** In place of a number of activation.ts. */
const NO_ACTIVATION: i32 = -1;

/** Bytes from one row of C channels to the next. */
// @ts-ignore: decorator
@inline
function rowBytes(channels: i32): usize {
  return (<usize>padded(channels)) << 2;
}

/** Where this thread works, one kernel after the other. */
// @ts-ignore: decorator
@inline
function threadScratch(model: Model): usize {
  return model.scratch + model.scratchBytes * threadIndex();
}

/** What `linear` needs of this thread's share of x[rows, K] besides x: quantized, where the weights ask for it; adapter.xa. */
function prepare(model: Model, adapter: usize, x: usize, rows: i32, K: i32): void {
  const first = shareStart(rows);
  const count = shareEnd(rows) - first;
  const stride = rowBytes(K);
  x += stride * first;
  if (model.weights == WEIGHTS_Q8) {
    const blockStride = ACTIVATION_BLOCK_BYTES * rows;
    quantizeRows(model.quantized + ACTIVATION_BLOCK_BYTES * first, blockStride, x, stride, count, K);
  } else if (model.weights == WEIGHTS_Q4) {
    const out = model.quantized + blocks(K) * Q4_ACTIVATION_BLOCK_BYTES * first;
    quantizeRowsQ4(out, x, stride, count, K);
  }
  if (!adapter) return;
  const a = changetype<Adapter>(adapter).a;
  const rank = a.N;
  const xa = changetype<Adapter>(adapter).xa + rowBytes(rank) * first;
  matmul(xa, rowBytes(rank), x, stride, count, a.weight, panelBytes(WEIGHTS_F32, K), 0, K, rank, false);
}

/** Layer norm of this thread's share of x[rows, C] into `model.normed`, prepared for `linear`. */
function norm(model: Model, adapter: usize, x: usize, rows: i32, weight: usize, bias: usize): void {
  const C = model.channels;
  const stride = rowBytes(C);
  const first = shareStart(rows);
  const offset = stride * first;
  const count = shareEnd(rows) - first;
  layernorm(model.normed + offset, stride, x + offset, stride, count, weight, bias, C, model.layerNormEpsilon);
  prepare(model, adapter, model.normed, rows, C);
}

/**
 * out[rows, N] = x[rows, K] . w + bias (+ out), rows padded to whole panels, a chunk of panels at a time; with q8
 * and q4 weights x is what `prepare` left. An adapter (or 0) and an activation, where there is one, are applied at once.
 */
function linear(
  model: Model,
  adapter: usize,
  out: usize,
  x: usize,
  rows: i32,
  matrix: Matrix,
  accumulate: bool,
  activation: i32 = NO_ACTIVATION,
): void {
  const K = matrix.K;
  const N = matrix.N;
  const bias = matrix.bias;
  const stride = rowBytes(N);
  const panels = padded(N) / PANEL;
  const panelStride = panelBytes(model.weights, K);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const count = min(chunk, panels - first);
    const columns = count * PANEL;
    const offset = PANEL_BYTES * first;
    const o = out + offset;
    const biases = bias ? bias + offset : 0;
    const p = matrix.weight + panelStride * first;
    if (model.weights == WEIGHTS_Q8) {
      matmulQ8(o, stride, model.quantized, rows, p, biases, K, columns, accumulate, threadScratch(model));
    } else if (model.weights == WEIGHTS_Q4) {
      matmulQ4(o, stride, model.quantized, rows, p, biases, K, columns, accumulate, threadScratch(model));
    } else {
      matmul(o, stride, x, rowBytes(K), rows, p, panelStride, biases, K, columns, accumulate);
    }
    if (adapter) {
      const xa = changetype<Adapter>(adapter).xa;
      const b = changetype<Adapter>(adapter).b;
      const rank = b.K;
      const bPanelStride = panelBytes(WEIGHTS_F32, rank);
      const bPanels = b.weight + bPanelStride * first;
      matmul(o, stride, xa, rowBytes(rank), rows, bPanels, bPanelStride, 0, rank, columns, true);
    }
    if (activation == NO_ACTIVATION) continue;
    for (let row = 0; row < rows; row++) activate(activation, o + stride * row, PANEL_BYTES * count);
  }
}

/** Attention, a head at a time, whose keys and values are stored first, into `model.normed`. */
function attend(model: Model, layer: Layer, keys: usize, values: usize, rows: i32, start: i32): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const capacity = model.capacity;
  const qkvStride = rowBytes(3 * C);
  const headBytes = (<usize>headSize) << 2;
  const keyHeadBytes = (<usize>capacity) * headBytes;
  const valueHeadBytes = ((<usize>capacity) * padded(headSize)) << 2;
  for (let head = takeChunk(1); head < model.heads; head = takeChunk(1)) {
    const q = model.qkv + headBytes * head;
    const k = q + ((<usize>C) << 2);
    const v = k + ((<usize>C) << 2);
    const headKeys = keys + keyHeadBytes * head;
    const headValues = values + valueHeadBytes * head;
    storeKeyValue(headKeys, headValues, capacity, k, v, qkvStride, rows, start, headSize);
    attendHead(
      model.normed + headBytes * head,
      rowBytes(C),
      q,
      qkvStride,
      rows,
      start,
      headKeys,
      headValues,
      capacity,
      headSize,
      layer.scoreScale,
      threadScratch(model),
    );
  }
}

/**
 * Evaluates layers firstLayer.. before endLayer for `rows` tokens (i32) at positions start.. and leaves the residual
 * stream in `model.x`, where the next layers take it up; the first one begins with the embedding.
 *
 * `cache` holds keys, then values, of every layer: T x C and T x heads x padded head size f32 a layer.
 */
export function forward(
  modelPointer: usize,
  cache: usize,
  tokens: usize,
  rows: i32,
  start: i32,
  firstLayer: i32,
  endLayer: i32,
): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  const innerChannels = model.innerChannels;
  const keyBytes = (<usize>model.capacity * C) << 2;
  const valueBytes = (<usize>model.capacity * padded(C / model.heads) * model.heads) << 2;

  if (firstLayer == 0) {
    const first = shareStart(rows);
    const x = model.x + rowBytes(C) * first;
    const ids = tokens + ((<usize>first) << 2);
    const count = shareEnd(rows) - first;
    embed(x, rowBytes(C), ids, count, start + first, model.weights, model.wte, model.wpe, C);
  }
  for (let index = firstLayer; index < endLayer; index++) {
    const layer = layerOf(model, index);
    const keys = cache + (keyBytes + valueBytes) * index;

    let adapter = adapterOf(model, index, ATTN);
    norm(model, adapter, model.x, rows, layer.ln1Weight, layer.ln1Bias);
    barrier();
    linear(model, adapter, model.qkv, model.normed, rows, layer.attn, false);
    barrier();
    attend(model, layer, keys, keys + keyBytes, rows, start);
    barrier();
    adapter = adapterOf(model, index, PROJ);
    if (model.weights != WEIGHTS_F32 || adapter) {
      prepare(model, adapter, model.normed, rows, C);
      barrier();
    }
    linear(model, adapter, model.x, model.normed, rows, layer.proj, true);
    barrier();

    adapter = adapterOf(model, index, FC);
    norm(model, adapter, model.x, rows, layer.ln2Weight, layer.ln2Bias);
    barrier();
    linear(model, adapter, model.hidden, model.normed, rows, layer.fc, false, model.activation);
    barrier();
    adapter = adapterOf(model, index, OUT);
    if (model.weights != WEIGHTS_F32 || adapter) {
      prepare(model, adapter, model.hidden, rows, innerChannels);
      barrier();
    }
    linear(model, adapter, model.x, model.hidden, rows, layer.out, true);
    barrier();
  }
}

/** Logits of rows first.. of the latest `forward`: out[rows, V], rows padded to whole panels. */
export function head(modelPointer: usize, out: usize, first: i32, rows: i32): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  norm(model, 0, model.x + rowBytes(C) * first, rows, model.finalWeight, model.finalBias);
  barrier();
  linear(model, 0, out, model.normed, rows, model.head, false);
  barrier();
}
