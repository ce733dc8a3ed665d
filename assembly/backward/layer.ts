import { activate } from '../kernels/activation';
import { ATTN, Adapter, FC, OUT, PROJ, adapterOf } from '../model';
import { barrier, shareEnd, shareStart, takeChunk } from '../threads';
import { activateBackward } from './activation';
import { adapterBackward, addAdapter } from './adapter';
import { attendBackward } from './attention';
import { attendForward } from './attention_forward';
import { Dropout } from './dropout';
import {
  addResidual,
  branchGradient,
  isFrozen,
  layerOf,
  linear,
  linearInput,
  linearWeight,
  modelOf,
  norm,
  normBackward,
  rowBytes,
  rowsOf,
  scratchOf,
} from './phases';
import { Training } from './training';

/** Tensors that dropout tells apart: the embedding, then three of each layer. */
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

/** Where a layer's [R, n] of a kept region begins. */
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

/** Attention, a head of a sequence at a time, forward or backward (into training.wide). */
function attend(training: Training, index: i32, backward: bool): void {
  const model = modelOf(training);
  const T = training.length;
  const C = model.channels;
  const headSize = C / model.heads;
  const headBytes = (<usize>headSize) << 2;
  const channelBytes = (<usize>C) << 2;
  const stride = rowBytes(3 * C);
  const outStride = rowBytes(C);
  const sums = keptSums(training, index);
  const scale = layerOf(training, index).scoreScale;
  const dropout = attentionDropout(training);
  const site = attentionSite(index);
  const scratch = scratchOf(training);
  const pairs = training.batch * model.heads;
  for (let pair = takeChunk(1); pair < pairs; pair = takeChunk(1)) {
    const row = <usize>(pair / model.heads) * T;
    const column = headBytes * (pair % model.heads);
    const q = kept(training, training.qkv, 3 * C, index) + stride * row + column;
    const k = q + channelBytes;
    const v = k + channelBytes;
    const out = kept(training, training.attended, C, index) + outStride * row + column;
    const logSums = sums + rowBytes(T) * pair;
    const first = <u32>pair * T * T;
    if (backward) {
      const dq = training.wide + stride * row + column;
      const dk = dq + channelBytes;
      const dv = dk + channelBytes;
      const dout = training.dnormed + outStride * row + column;
      attendBackward(
        dq,
        dk,
        dv,
        q,
        k,
        v,
        stride,
        out,
        dout,
        outStride,
        logSums,
        T,
        headSize,
        scale,
        dropout,
        first,
        site,
        scratch,
      );
    } else {
      attendForward(out, outStride, logSums, q, k, v, stride, T, headSize, scale, dropout, first, site, scratch);
    }
  }
  barrier();
}

/** training.wide = activation(hidden), [R, inner]. */
function activateInto(training: Training, hidden: usize): void {
  const model = modelOf(training);
  const stride = rowBytes(model.inner);
  for (let row = shareStart(rowsOf(training)); row < shareEnd(rowsOf(training)); row++) {
    const out = training.wide + stride * row;
    memory.copy(out, hidden + stride * row, stride);
    activate(model.activation, out, stride);
  }
  barrier();
}

/**
 * Layer `index` from the residual stream before it: all that the backward pass needs of it and, unless that is
 * all that is wanted, the residual stream after it.
 */
export function forwardLayer(training: Training, index: i32, activationsOnly: bool): void {
  const model = modelOf(training);
  const layer = layerOf(training, index);
  const rows = rowsOf(training);
  const C = model.channels;
  const inner = model.inner;
  const x = residual(training, index);
  const qkv = kept(training, training.qkv, 3 * C, index);
  const attended = kept(training, training.attended, C, index);
  const middle = kept(training, training.middle, C, index);
  const hidden = kept(training, training.hidden, inner, index);
  const dropout = residualDropout(training);

  norm(training, x, layer.ln1Weight, layer.ln1Bias);
  linear(qkv, rowBytes(3 * C), training.normed, rows, layer.attnWeight, layer.attnBias, C, 3 * C);
  addAdapter(training, adapterOf(model, index, ATTN), qkv, training.normed, C, 3 * C);
  attend(training, index, false);
  linear(middle, rowBytes(C), attended, rows, layer.projWeight, layer.projBias, C, C);
  addAdapter(training, adapterOf(model, index, PROJ), middle, attended, C, C);
  addResidual(training, dropout, middle, x, projectionSite(index));

  norm(training, middle, layer.ln2Weight, layer.ln2Bias);
  linear(hidden, rowBytes(inner), training.normed, rows, layer.fcWeight, layer.fcBias, C, inner);
  addAdapter(training, adapterOf(model, index, FC), hidden, training.normed, C, inner);
  if (activationsOnly) return;
  activateInto(training, hidden);
  const next = residual(training, index + 1);
  linear(next, rowBytes(C), training.wide, rows, layer.outWeight, layer.outBias, inner, C);
  addAdapter(training, adapterOf(model, index, OUT), next, training.wide, inner, C);
  addResidual(training, dropout, next, middle, outputSite(index));
}

/**
 * From dy[R, N]: the gradients of what is trained of a matrix w, its bias and its adapter are added to, and dx[R, K] is
 * set, which may take the place of x.
 */
function linearBackward(
  training: Training,
  adapter: usize,
  dx: usize,
  x: usize,
  dy: usize,
  w: usize,
  bias: usize,
  K: i32,
  N: i32,
): void {
  const rows = rowsOf(training);
  if (adapter) adapterBackward(training, changetype<Adapter>(adapter), x, dy, K, N);
  if (!isFrozen(training)) linearWeight(training, x, dy, rowBytes(N), rows, w, bias, K, N);
  linearInput(training, adapter, dx, dy, rowBytes(N), rows, w, K, N);
}

/** From the gradient of the residual stream after layer `index` to that before it, both training.dx. */
export function backwardLayer(training: Training, index: i32): void {
  const model = modelOf(training);
  const layer = layerOf(training, index);
  const C = model.channels;
  const inner = model.inner;
  const x = residual(training, index);
  const attended = kept(training, training.attended, C, index);
  const middle = kept(training, training.middle, C, index);
  const hidden = kept(training, training.hidden, inner, index);
  const dropout = residualDropout(training);
  const wide = training.wide;
  const normed = training.normed;
  const dnormed = training.dnormed;
  if (training.recompute) forwardLayer(training, index, true);

  const attn = adapterOf(model, index, ATTN);
  const proj = adapterOf(model, index, PROJ);
  const fc = adapterOf(model, index, FC);
  const out = adapterOf(model, index, OUT);

  // The MLP. Its output's gradient takes the place of the output once that has been used.
  activateInto(training, hidden);
  let branch = branchGradient(training, dropout, outputSite(index));
  linearBackward(training, out, wide, wide, branch, layer.outWeight, layer.outBias, inner, C);
  activateGradient(training, hidden);
  norm(training, middle, layer.ln2Weight, layer.ln2Bias);
  linearBackward(training, fc, dnormed, normed, wide, layer.fcWeight, layer.fcBias, C, inner);
  normBackward(training, middle, layer.ln2Weight, layer.ln2Bias);

  branch = branchGradient(training, dropout, projectionSite(index));
  linearBackward(training, proj, dnormed, attended, branch, layer.projWeight, layer.projBias, C, C);
  attend(training, index, true);
  norm(training, x, layer.ln1Weight, layer.ln1Bias);
  linearBackward(training, attn, dnormed, normed, wide, layer.attnWeight, layer.attnBias, C, 3 * C);
  normBackward(training, x, layer.ln1Weight, layer.ln1Bias);
}

/** training.wide, the gradient of the activation's output, becomes that of hidden. */
function activateGradient(training: Training, hidden: usize): void {
  const model = modelOf(training);
  const stride = rowBytes(model.inner);
  const first = shareStart(rowsOf(training));
  const from = stride * first;
  const bytes = stride * (shareEnd(rowsOf(training)) - first);
  activateBackward(model.activation, training.wide + from, hidden + from, bytes);
  barrier();
}
