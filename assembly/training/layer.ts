import { ATTN, FC, OUT, PROJ } from '../abi';
import { HEAD_BYTES } from './abi';
import { activate } from '../kernels/activation';
import { Adapter, Matrix, adapterOf, adapterPlace, layerOf } from '../models/structs';
import { barrier, shareEnd, shareStart, takeChunk } from '../threads';
import { activateBackward } from './backward/activation';
import { adapterBackward, addAdapter } from './adapter';
import { attendBackward } from './backward/attention';
import { attendForward } from './attention';
import { Dropout } from './dropout';
import { Head } from './head';
import { rowBytes } from '../layers/rows';
import {
  addResidual,
  branchGradient,
  isFrozen,
  linear,
  linearInput,
  linearWeight,
  modelOf,
  norm,
  normBackward,
  rowsOf,
  scratchOf,
} from './phases';
import { Training } from './structs';

/** Numbers of the tensors with dropout: the embedding, then three of each layer. */
export const EMBEDDING_SITE: u32 = 0;

// @ts-ignore: decorator
@inline
function attentionSite(layer: i32): u32 {
  return <u32>(3 * layer + 1);
}

// @ts-ignore: decorator
@inline
function projectionSite(layer: i32): u32 {
  return <u32>(3 * layer + 2);
}

// @ts-ignore: decorator
@inline
function outputSite(layer: i32): u32 {
  return <u32>(3 * layer + 3);
}

export function embeddingDropout(training: Training): Dropout {
  return changetype<Dropout>(training.dropouts);
}

function attentionDropout(training: Training): Dropout {
  return changetype<Dropout>(training.dropouts + offsetof<Dropout>());
}

function residualDropout(training: Training): Dropout {
  return changetype<Dropout>(training.dropouts + 2 * offsetof<Dropout>());
}

/** Address of a layer's [R, n] in a buffer that is kept of every layer. */
// @ts-ignore: decorator
@inline
function kept(training: Training, region: usize, n: i32, index: i32): usize {
  return training.recompute ? region : region + rowBytes(n) * rowsOf(training) * index;
}

// @ts-ignore: decorator
@inline
function keptSums(training: Training, index: i32): usize {
  if (training.recompute) return training.logSums;
  return training.logSums + rowBytes(training.length) * (training.batch * modelOf(training).heads) * index;
}

/** The residual stream before layer `index`. */
export function residual(training: Training, index: i32): usize {
  return training.residuals + rowBytes(modelOf(training).channels) * rowsOf(training) * index;
}

/** Attention, a head of a sequence at a time, forward or backward (into training.dhidden). */
function attend(training: Training, index: i32, backward: bool): void {
  const model = modelOf(training);
  const T = training.length;
  const C = model.channels;
  const headSize = C / model.heads;
  const headBytes = (<usize>headSize) << 2;
  const channelBytes = (<usize>C) << 2;
  const stride = rowBytes(3 * C);
  const outStride = rowBytes(C);
  const qkv = kept(training, training.qkv, 3 * C, index);
  const out = kept(training, training.attentionOutput, C, index);
  const sums = keptSums(training, index);
  const head = changetype<Head>(scratchOf(training));
  const scratch = scratchOf(training) + HEAD_BYTES;
  head.stride = stride;
  head.keyStride = stride;
  head.outStride = outStride;
  head.T = T;
  head.S = T;
  head.causal = 1;
  head.headSize = headSize;
  head.scale = layerOf(model, index).scoreScale;
  head.dropout = attentionDropout(training);
  head.site = attentionSite(index);
  const pairs = training.batch * model.heads;
  for (let pair = takeChunk(1); pair < pairs; pair = takeChunk(1)) {
    const row = <usize>(pair / model.heads) * T;
    const column = headBytes * (pair % model.heads);
    const at = stride * row + column;
    const outAt = outStride * row + column;
    head.q = qkv + at;
    head.k = head.q + channelBytes;
    head.v = head.k + channelBytes;
    head.out = out + outAt;
    head.logSums = sums + rowBytes(T) * pair;
    head.firstWeight = <u32>pair * T * T;
    if (backward) {
      const dq = training.dhidden + at;
      const dk = dq + channelBytes;
      const dv = dk + channelBytes;
      attendBackward(head, dq, dk, dv, training.dnormed + outAt, scratch);
    } else {
      attendForward(head, scratch);
    }
  }
  barrier();
}

/** training.dhidden = activation(hidden), [R, inner]. */
function activateInto(training: Training, hidden: usize): void {
  const model = modelOf(training);
  const stride = rowBytes(model.innerChannels);
  for (let row = shareStart(rowsOf(training)); row < shareEnd(rowsOf(training)); row++) {
    const out = training.dhidden + stride * row;
    memory.copy(out, hidden + stride * row, stride);
    activate(model.activation, out, stride);
  }
  barrier();
}

/**
 * Layer `index` from the residual stream before it: all that the backward pass needs of it and, unless that
 * is all that is wanted, the residual stream after it.
 */
export function forwardLayer(training: Training, index: i32, activationsOnly: bool): void {
  const model = modelOf(training);
  const layer = layerOf(model, index);
  const rows = rowsOf(training);
  const C = model.channels;
  const innerChannels = model.innerChannels;
  const x = residual(training, index);
  const qkv = kept(training, training.qkv, 3 * C, index);
  const attentionOutput = kept(training, training.attentionOutput, C, index);
  const afterAttention = kept(training, training.residualAfterAttention, C, index);
  const hidden = kept(training, training.hidden, innerChannels, index);
  const dropout = residualDropout(training);

  norm(training, x, layer.ln1Weight, layer.ln1Bias);
  linear(qkv, rowBytes(3 * C), training.normed, rows, layer.attn);
  addAdapter(training, adapterOf(training.adapters, adapterPlace(index, ATTN)), qkv, training.normed);
  attend(training, index, false);
  linear(afterAttention, rowBytes(C), attentionOutput, rows, layer.proj);
  addAdapter(training, adapterOf(training.adapters, adapterPlace(index, PROJ)), afterAttention, attentionOutput);
  addResidual(training, dropout, afterAttention, x, projectionSite(index));

  norm(training, afterAttention, layer.ln2Weight, layer.ln2Bias);
  linear(hidden, rowBytes(innerChannels), training.normed, rows, layer.fc);
  addAdapter(training, adapterOf(training.adapters, adapterPlace(index, FC)), hidden, training.normed);
  if (activationsOnly) return;
  activateInto(training, hidden);
  const next = residual(training, index + 1);
  linear(next, rowBytes(C), training.dhidden, rows, layer.out);
  addAdapter(training, adapterOf(training.adapters, adapterPlace(index, OUT)), next, training.dhidden);
  addResidual(training, dropout, next, afterAttention, outputSite(index));
}

/**
 * From dy[R, N]: adds to the gradients of the matrix, its bias and its adapter, as far as they are trained,
 * and sets dx[R, K], which may be the same buffer as x.
 */
function linearBackward(
  training: Training,
  adapter: usize,
  dx: usize,
  x: usize,
  dy: usize,
  matrix: Matrix,
): void {
  const rows = rowsOf(training);
  const dyStride = rowBytes(matrix.N);
  if (adapter) adapterBackward(training, changetype<Adapter>(adapter), x, dy);
  if (!isFrozen(training)) linearWeight(training, x, dy, dyStride, rows, matrix);
  linearInput(training, adapter, dx, dy, dyStride, rows, matrix);
}

/** From the gradient of the residual stream after layer `index` to that before it, both training.dx. */
export function backwardLayer(training: Training, index: i32): void {
  const model = modelOf(training);
  const layer = layerOf(model, index);
  const C = model.channels;
  const innerChannels = model.innerChannels;
  const x = residual(training, index);
  const attentionOutput = kept(training, training.attentionOutput, C, index);
  const afterAttention = kept(training, training.residualAfterAttention, C, index);
  const hidden = kept(training, training.hidden, innerChannels, index);
  const dropout = residualDropout(training);
  const dhidden = training.dhidden;
  const normed = training.normed;
  const dnormed = training.dnormed;
  if (training.recompute) forwardLayer(training, index, true);

  const attn = adapterOf(training.adapters, adapterPlace(index, ATTN));
  const proj = adapterOf(training.adapters, adapterPlace(index, PROJ));
  const fc = adapterOf(training.adapters, adapterPlace(index, FC));
  const out = adapterOf(training.adapters, adapterPlace(index, OUT));

  // The MLP. The gradient of its activations overwrites them once they have been used.
  activateInto(training, hidden);
  let branch = branchGradient(training, dropout, outputSite(index));
  linearBackward(training, out, dhidden, dhidden, branch, layer.out);
  activateGradient(training, hidden);
  norm(training, afterAttention, layer.ln2Weight, layer.ln2Bias);
  linearBackward(training, fc, dnormed, normed, dhidden, layer.fc);
  normBackward(training, afterAttention, layer.ln2Weight, layer.ln2Bias);

  branch = branchGradient(training, dropout, projectionSite(index));
  linearBackward(training, proj, dnormed, attentionOutput, branch, layer.proj);
  attend(training, index, true);
  norm(training, x, layer.ln1Weight, layer.ln1Bias);
  linearBackward(training, attn, dnormed, normed, dhidden, layer.attn);
  normBackward(training, x, layer.ln1Weight, layer.ln1Bias);
}

/** training.dhidden, the gradient of the activation's output, becomes that of hidden. */
function activateGradient(training: Training, hidden: usize): void {
  const model = modelOf(training);
  const stride = rowBytes(model.innerChannels);
  const first = shareStart(rowsOf(training));
  const from = stride * first;
  const bytes = stride * (shareEnd(rowsOf(training)) - first);
  activateBackward(model.activation, training.dhidden + from, hidden + from, bytes);
  barrier();
}
