import { PANEL, TANH } from '../abi';
import { activate } from '../kernels/activation';
import { addTo } from '../kernels/embedding';
import { panelCount, rowBytes } from '../layers/rows';
import { barrier, shareEnd, shareStart } from '../threads';
import { activateBackward } from './backward/activation';
import { clearGradient } from './encoder';
import { backwardLayer, forwardLayer } from './layer';
import { linear, linearInput, linearWeight, modelOf, rowsOf } from './phases';
import { residual } from './places';
import { PrefixTraining, Training } from './structs';

/*
 * A mapper of ClipCap in training: from features, two matrices or a transformer make the vectors with which each
 * sequence begins. Rows of P or M vectors of a sequence are one after the other, C numbers each.
 */

/** Copies a vector into a row of whole panels. */
function copyVector(row: usize, vector: usize, C: i32): void {
  const bytes = (<usize>C) << 2;
  memory.copy(row, vector, bytes);
  memory.fill(row + bytes, 0, rowBytes(C) - bytes);
}

/** Puts the vectors of each sequence into its first rows of the residual stream. */
export function mapFeatures(training: Training): void {
  const prefix = changetype<PrefixTraining>(training.prefix);
  linear(training, prefix.hidden, rowBytes(prefix.first.N), prefix.features, training.batch, prefix.first);
  const C = modelOf(training).channels;
  const stride = rowBytes(C);
  const x = residual(training, 0);
  const P = prefix.vectors;
  let vectors = prefix.out;
  let vectorStride = (<usize>C) << 2;
  let sequenceStride: usize = 0;
  if (prefix.layers) {
    const layers = changetype<Training>(prefix.layers);
    transform(prefix, layers);
    vectors = residual(layers, modelOf(layers).layers) + stride * (layers.length - P);
    vectorStride = stride;
    sequenceStride = stride * layers.length;
  } else {
    activateHidden(training, prefix);
    sequenceStride = rowBytes(prefix.second.N);
    linear(training, prefix.out, sequenceStride, prefix.activated, training.batch, prefix.second);
  }
  for (let i = shareStart(training.batch * P); i < shareEnd(training.batch * P); i++) {
    const sequence = i / P;
    const vector = i % P;
    const row = sequence * training.length + vector;
    copyVector(x + stride * row, vectors + sequenceStride * sequence + vectorStride * vector, C);
  }
  barrier();
}

/** prefix.activated = tanh(prefix.hidden) */
function activateHidden(training: Training, prefix: PrefixTraining): void {
  const stride = rowBytes(prefix.first.N);
  for (let row = shareStart(training.batch); row < shareEnd(training.batch); row++) {
    memory.copy(prefix.activated + stride * row, prefix.hidden + stride * row, stride);
    activate(TANH, prefix.activated + stride * row, stride);
  }
  barrier();
}

/** The layers of a transformer over M made vectors and P learned ones a sequence. */
function transform(prefix: PrefixTraining, layers: Training): void {
  const C = modelOf(layers).channels;
  const stride = rowBytes(C);
  const M = layers.length - prefix.vectors;
  const x = residual(layers, 0);
  for (let row = shareStart(rowsOf(layers)); row < shareEnd(rowsOf(layers)); row++) {
    const state = row % layers.length;
    const made = prefix.hidden + rowBytes(prefix.first.N) * (row / layers.length) + ((<usize>C) << 2) * state;
    copyVector(x + stride * row, state < M ? made : prefix.learned + stride * (state - M), C);
  }
  barrier();
  for (let index = 0; index < modelOf(layers).layers; index++) forwardLayer(layers, index, false);
}

/** Adds the gradients of the mapper from training.dx. */
export function backwardPrefix(training: Training): void {
  const prefix = changetype<PrefixTraining>(training.prefix);
  const C = modelOf(training).channels;
  const stride = rowBytes(C);
  const P = prefix.vectors;
  let vectors = prefix.out;
  let vectorStride = (<usize>C) << 2;
  let sequenceStride: usize = 0;
  if (prefix.layers) {
    const layers = changetype<Training>(prefix.layers);
    clearGradient(layers);
    barrier();
    vectors = layers.dx + stride * (layers.length - P);
    vectorStride = stride;
    sequenceStride = stride * layers.length;
  } else {
    sequenceStride = rowBytes(prefix.second.N);
  }
  for (let i = shareStart(training.batch * P); i < shareEnd(training.batch * P); i++) {
    const sequence = i / P;
    const vector = i % P;
    const dx = training.dx + stride * (sequence * training.length + vector);
    memory.copy(vectors + sequenceStride * sequence + vectorStride * vector, dx, (<usize>C) << 2);
  }
  barrier();
  if (prefix.layers) backwardTransform(training, prefix, changetype<Training>(prefix.layers));
  else backwardMatrices(training, prefix);
}

/** From the gradient of the vectors in prefix.out, which is overwritten in turn by that of what comes before. */
function backwardMatrices(training: Training, prefix: PrefixTraining): void {
  const B = training.batch;
  const first = prefix.first;
  const stride = rowBytes(first.N);
  const activated = prefix.activated;
  linearWeight(training, activated, prefix.out, rowBytes(prefix.second.N), B, prefix.second);
  linearInput(training, activated, prefix.out, rowBytes(prefix.second.N), B, prefix.second);
  const from = stride * shareStart(B);
  activateBackward(TANH, activated + from, prefix.hidden + from, stride * shareEnd(B) - from);
  barrier();
  linearWeight(training, prefix.features, activated, stride, B, first);
}

/** From the gradient of the last states in layers.dx. */
function backwardTransform(training: Training, prefix: PrefixTraining, layers: Training): void {
  for (let index = modelOf(layers).layers - 1; index >= 0; index--) backwardLayer(layers, index);
  const C = modelOf(layers).channels;
  const stride = rowBytes(C);
  const M = layers.length - prefix.vectors;
  const panels = panelCount(C);
  const first = shareStart(panels) * PANEL;
  const count = max(0, min(shareEnd(panels) * PANEL, C) - first);
  const from = (<usize>first) << 2;
  // Rows in order; each thread has some columns.
  for (let row = 0; row < rowsOf(layers); row++) {
    const state = row % layers.length;
    const dx = layers.dx + stride * row + from;
    if (state >= M) {
      addTo(prefix.learned + training.toGradient + stride * (state - M) + from, dx, count);
      continue;
    }
    const made = prefix.hidden + rowBytes(prefix.first.N) * (row / layers.length) + ((<usize>C) << 2) * state;
    memory.copy(made + from, dx, (<usize>count) << 2);
  }
  barrier();
  linearWeight(training, prefix.features, prefix.hidden, rowBytes(prefix.first.N), training.batch, prefix.first);
}
