import { ATTN, FC, OUT, PROJ } from '../abi';
import { QUERY } from './abi';
import { activate } from '../kernels/activation';
import { adapterBackward, adapterInput, addAdapter } from './adapter';
import { afterCross, backwardCross, forwardCross } from './cross';
import { Adapter, layerOf } from '../models/structs';
import { barrier, shareEnd, shareStart } from '../threads';
import { activateBackward } from './backward/activation';
import { attendSelf } from './heads';
import { linearBackward, trainedAdapter } from './linear_backward';
import { rowBytes } from '../layers/rows';
import { addResidual, branchGradient, linear, modelOf, norm, normBackward, rowsOf } from './phases';
import { kept, outputSite, projectionSite, residual, residualDropout, rowsBytes } from './places';
import { Training } from './structs';

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
  const stride = rowBytes(C);
  const x = residual(training, index);
  const qkv = kept(training, training.qkv, rowsBytes(training, layer.attn.N), index);
  const attentionOutput = kept(training, training.attentionOutput, stride * rows, index);
  const afterAttention = kept(training, training.residualAfterAttention, stride * rows, index);
  const hidden = kept(training, training.hidden, rowsBytes(training, innerChannels), index);
  const dropout = residualDropout(training);

  norm(training, x, layer.ln1Weight, layer.ln1Bias);
  linear(training, qkv, rowBytes(layer.attn.N), training.normed, rows, layer.attn);
  adaptQueriesKeysValues(training, index, qkv, rowBytes(layer.attn.N));
  attendSelf(training, index, false);
  linear(training, afterAttention, stride, attentionOutput, rows, layer.proj);
  addAdapter(training, trainedAdapter(training, index, PROJ), afterAttention, stride, attentionOutput, rows);
  addResidual(training, dropout, afterAttention, x, projectionSite(training, index));

  forwardCross(training, afterAttention, index);
  const beforeMlp = afterCross(training, afterAttention, index);

  norm(training, beforeMlp, layer.ln2Weight, layer.ln2Bias);
  linear(training, hidden, rowBytes(innerChannels), training.normed, rows, layer.fc);
  addAdapter(training, trainedAdapter(training, index, FC), hidden, rowBytes(innerChannels), training.normed, rows);
  if (activationsOnly) return;
  activateInto(training, hidden);
  const next = residual(training, index + 1);
  linear(training, next, stride, training.dhidden, rows, layer.out);
  addAdapter(training, trainedAdapter(training, index, OUT), next, stride, training.dhidden, rows);
  addResidual(training, dropout, next, beforeMlp, outputSite(training, index));
}

/** Adds the adapters of a layer's first matrix, or of its three parts in an encoder. */
function adaptQueriesKeysValues(training: Training, index: i32, qkv: usize, stride: usize): void {
  const rows = rowsOf(training);
  addAdapter(training, trainedAdapter(training, index, ATTN), qkv, stride, training.normed, rows);
  for (let part = 0; part < 3; part++) {
    const adapter = trainedAdapter(training, index, QUERY + part);
    addAdapter(training, adapter, qkv + (stride / 3) * part, stride, training.normed, rows);
  }
}

/** From the gradient of the residual stream after layer `index` to that before it, both training.dx. */
export function backwardLayer(training: Training, index: i32): void {
  const model = modelOf(training);
  const layer = layerOf(model, index);
  const C = model.channels;
  const x = residual(training, index);
  const attentionOutput = kept(training, training.attentionOutput, rowsBytes(training, C), index);
  const afterAttention = kept(training, training.residualAfterAttention, rowsBytes(training, C), index);
  const hidden = kept(training, training.hidden, rowsBytes(training, model.innerChannels), index);
  const beforeMlp = afterCross(training, afterAttention, index);
  const dropout = residualDropout(training);
  const dhidden = training.dhidden;
  const normed = training.normed;
  const dnormed = training.dnormed;
  if (training.recompute) forwardLayer(training, index, true);

  // The MLP. The gradient of its activations overwrites them once they have been used.
  activateInto(training, hidden);
  let branch = branchGradient(training, dropout, outputSite(training, index));
  linearBackward(training, trainedAdapter(training, index, OUT), dhidden, dhidden, branch, layer.out);
  activateGradient(training, hidden);
  norm(training, beforeMlp, layer.ln2Weight, layer.ln2Bias);
  linearBackward(training, trainedAdapter(training, index, FC), dnormed, normed, dhidden, layer.fc);
  normBackward(training, beforeMlp, layer.ln2Weight, layer.ln2Bias);

  backwardCross(training, afterAttention, index);

  branch = branchGradient(training, dropout, projectionSite(training, index));
  linearBackward(training, trainedAdapter(training, index, PROJ), dnormed, attentionOutput, branch, layer.proj);
  attendSelf(training, index, true);
  norm(training, x, layer.ln1Weight, layer.ln1Bias);
  linearBackward(training, trainedAdapter(training, index, ATTN), dnormed, normed, dhidden, layer.attn);
  partsBackward(training, index, rowBytes(layer.attn.N));
  normBackward(training, x, layer.ln1Weight, layer.ln1Bias);
}

/** The gradients of the adapters of an encoder's queries, keys and values, and their part of that of the input. */
function partsBackward(training: Training, index: i32, stride: usize): void {
  const rows = rowsOf(training);
  for (let part = 0; part < 3; part++) {
    const adapter = changetype<Adapter>(trainedAdapter(training, index, QUERY + part));
    if (!changetype<usize>(adapter)) continue;
    const dy = training.dhidden + (stride / 3) * part;
    adapterBackward(training, adapter, training.normed, dy, stride, rows);
    adapterInput(training, adapter, training.dnormed, rows);
  }
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
