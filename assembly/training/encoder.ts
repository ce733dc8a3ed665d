import { PANEL } from '../abi';
import { ENCODER_SITE } from './abi';
import { addTo } from '../kernels/embedding';
import { embeddingDropout, residual } from './places';
import { backwardLayer, forwardLayer } from './layer';
import { panelCount, rowBytes } from '../layers/rows';
import { Encoder } from '../models/encoder';
import { drop, isTrained, linear, linearInput, linearWeight, modelOf, norm, normBackward, rowsOf } from './phases';
import { CrossTraining, Training } from './structs';
import { barrier, shareEnd, shareStart } from '../threads';

/*
 * An encoder of images in training: its states become those that a decoder attends to. Its TRAINING has its
 * own sizes and buffers, with S rows for each image.
 */

/** Computes the states of a batch, cross.memory, unless they are given. */
export function encodeStates(cross: CrossTraining): void {
  if (!cross.encoder) return;
  const training = changetype<Training>(cross.encoder);
  const encoder = changetype<Encoder>(cross.vision);
  const model = modelOf(training);
  if (!cross.given) {
    embedPatches(training, encoder);
    for (let index = 0; index < model.layers; index++) forwardLayer(training, index, false);
    norm(training, residual(training, model.layers), model.finalWeight, model.finalBias);
  }
  const projection = encoder.outProjection;
  if (!changetype<usize>(projection)) return;
  linear(training, cross.memory, rowBytes(projection.N), training.normed, rowsOf(training), projection);
}

/** The residual stream before the first layer: class tokens and projected patches, each with its position. */
function embedPatches(training: Training, encoder: Encoder): void {
  const C = modelOf(training).channels;
  const stride = rowBytes(C);
  const x = residual(training, 0);
  const classTokens = encoder.classTokens;
  const S = training.length;
  const patches = S - classTokens;
  linear(training, training.normed, stride, encoder.patches, training.batch * patches, encoder.projection);
  for (let row = shareStart(rowsOf(training)); row < shareEnd(rowsOf(training)); row++) {
    const state = row % S;
    const offset = stride * state;
    const patch = (row / S) * patches + state - classTokens;
    const from = state < classTokens ? encoder.classRows + offset : training.normed + stride * patch;
    memory.copy(x + stride * row, from, stride);
    addTo(x + stride * row, encoder.positions + offset, C);
  }
  barrier();
  const dropout = embeddingDropout(training);
  if (dropout.threshold != 0) drop(training, dropout, x, x, <u32>ENCODER_SITE);
}

/** The gradients of everything before the states from theirs, cross.dmemory. */
export function backwardEncoder(cross: CrossTraining): void {
  if (!cross.encoder || !cross.dmemory) return;
  const training = changetype<Training>(cross.encoder);
  const encoder = changetype<Encoder>(cross.vision);
  const model = modelOf(training);
  const rows = rowsOf(training);
  const isWhole = isTrained(training, model.finalWeight);
  const goesOn = isWhole || training.adapters != 0;
  const projection = encoder.outProjection;
  if (changetype<usize>(projection)) {
    const stride = rowBytes(projection.N);
    linearWeight(training, training.normed, cross.dmemory, stride, rows, projection);
    if (goesOn) linearInput(training, training.dnormed, cross.dmemory, stride, rows, projection);
  }
  if (!goesOn) return;
  clearGradient(training);
  normBackward(training, residual(training, model.layers), model.finalWeight, model.finalBias);
  for (let index = model.layers - 1; index >= 0; index--) backwardLayer(training, index);
  if (isWhole) backwardPatches(training, encoder);
}

/** training.dx = 0 in this thread's rows. */
export function clearGradient(training: Training): void {
  const stride = rowBytes(modelOf(training).channels);
  const first = shareStart(rowsOf(training));
  memory.fill(training.dx + stride * first, 0, stride * (shareEnd(rowsOf(training)) - first));
}

/** The gradients of class tokens, positions and the projection of patches from training.dx. */
function backwardPatches(training: Training, encoder: Encoder): void {
  const C = modelOf(training).channels;
  const stride = rowBytes(C);
  const S = training.length;
  const classTokens = encoder.classTokens;
  const patches = S - classTokens;
  const dropout = embeddingDropout(training);
  if (dropout.threshold != 0) drop(training, dropout, training.dx, training.dx, <u32>ENCODER_SITE);
  const panels = panelCount(C);
  const first = shareStart(panels) * PANEL;
  const count = max(0, min(shareEnd(panels) * PANEL, C) - first);
  const from = (<usize>first) << 2;
  // Rows in order; each thread has some columns.
  for (let row = 0; row < rowsOf(training); row++) {
    const state = row % S;
    const dx = training.dx + stride * row + from;
    const offset = stride * state + from;
    addTo(encoder.positions + training.toGradient + offset, dx, count);
    if (state < classTokens) {
      addTo(encoder.classRows + training.toGradient + offset, dx, count);
      continue;
    }
    const patch = (row / S) * patches + state - classTokens;
    memory.copy(training.dnormed + stride * patch + from, dx, (<usize>count) << 2);
  }
  barrier();
  linearWeight(training, encoder.patches, training.dnormed, stride, training.batch * patches, encoder.projection);
}
