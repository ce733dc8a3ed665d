import { DECODER_SITE, SQUARES_CHUNK } from './abi';
import { Update, adamw, sumSquares } from './adamw';
import { crossEntropy } from './cross_entropy';
import { embedBackward } from './backward/embedding';
import { backwardEncoder, clearGradient, encodeStates } from './encoder';
import { backwardLayer, forwardLayer } from './layer';
import { panelCount, rowBytes } from '../layers/rows';
import {
  drop,
  isTrained,
  linear,
  linearInput,
  linearWeight,
  modelOf,
  norm,
  normBackward,
  rowsOf,
} from './phases';
import { embeddingDropout, residual } from './places';
import { backwardPrefix, mapFeatures } from './prefix';
import { CrossTraining, Training } from './structs';
import { embed } from '../kernels/embedding';
import { PANEL, WEIGHTS_F32 } from '../abi';
import { barrier, shareEnd, shareStart, threadIndex } from '../threads';

/** The residual stream before the first layer. */
function embedTokens(training: Training): void {
  const model = modelOf(training);
  const stride = rowBytes(model.channels);
  const x = residual(training, 0);
  const rows = rowsOf(training);
  if (training.prefix) mapFeatures(training);
  for (let row = shareStart(rows); row < shareEnd(rows); row++) {
    const token = load<i32>(training.tokens + ((<usize>row) << 2));
    const position = model.wpe + stride * (row % training.length);
    embed(x + stride * row, token, position, WEIGHTS_F32, model.wte, model.channels);
  }
  barrier();
  const dropout = embeddingDropout(training);
  if (dropout.threshold != 0) drop(training, dropout, x, x, <u32>DECODER_SITE);
}

/**
 * The head, a tile of rows at a time, so that no array of R x V is needed: the losses of all rows and, if
 * `backward`, the gradients of the head, if it is trained, and of the residual stream after the last layer
 * (training.dx). The result is the sum of the losses.
 */
function headPass(training: Training, backward: bool): void {
  const model = modelOf(training);
  const rows = rowsOf(training);
  const C = model.channels;
  const V = model.vocabSize;
  const stride = rowBytes(C);
  const last = residual(training, model.layers);
  norm(training, last, model.finalWeight, model.finalBias);
  for (let row = 0; row < rows; row += training.tileRows) {
    const count = min(training.tileRows, rows - row);
    const x = training.normed + stride * row;
    linear(training.logits, training.logitsStride, x, count, model.head);
    for (let i = shareStart(count); i < shareEnd(count); i++) {
      const target = load<i32>(training.targets + ((<usize>(row + i)) << 2));
      const loss = crossEntropy(training.logits + training.logitsStride * i, V, target, training.scale);
      store<f64>(training.losses + ((<usize>(row + i)) << 3), loss);
    }
    barrier();
    if (backward) {
      const dx = training.dnormed + stride * row;
      const dy = training.logits;
      const dyStride = training.logitsStride;
      linearWeight(training, x, dy, dyStride, count, model.head);
      linearInput(training, dx, dy, dyStride, count, model.head);
    }
  }
  if (backward) {
    clearGradient(training);
    normBackward(training, last, model.finalWeight, model.finalBias);
  }
  storeSum(training, training.losses, rows);
}

/** Stores the sum of n f64, in order, as the result of the call. */
function storeSum(training: Training, numbers: usize, n: i32): void {
  if (threadIndex() == 0) {
    let sum: f64 = 0;
    for (let i = 0; i < n; i++) sum += load<f64>(numbers + ((<usize>i) << 3));
    store<f64>(training.result, sum);
  }
  barrier();
}

function forward(training: Training): void {
  if (training.cross) encodeStates(changetype<CrossTraining>(training.cross));
  embedTokens(training);
  for (let index = 0; index < modelOf(training).layers; index++) forwardLayer(training, index, false);
}

/*
 * The calls of the ABI; every thread makes them with the address of the same Training.
 */

/** Result: the sum of the losses of a batch. */
export function evaluate(pointer: usize): void {
  const training = changetype<Training>(pointer);
  forward(training);
  headPass(training, false);
}

/**
 * Result: the sum of the losses of a batch. Adds training.scale x the gradients of all trained weights to the
 * stored ones.
 */
export function accumulate(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const model = modelOf(training);
  forward(training);
  headPass(training, true);
  for (let index = model.layers - 1; index >= 0; index--) backwardLayer(training, index);
  backwardTokens(training);
  if (training.prefix) backwardPrefix(training);
  if (training.cross) backwardEncoder(changetype<CrossTraining>(training.cross));
}

/** Adds the gradients of both embeddings, if they are trained, from training.dx, which becomes that before dropout. */
function backwardTokens(training: Training): void {
  const model = modelOf(training);
  const isWhole = isTrained(training, model.wte);
  if (!isWhole && !training.prefix) return;
  const dropout = embeddingDropout(training);
  if (dropout.threshold != 0) drop(training, dropout, training.dx, training.dx, <u32>DECODER_SITE);
  if (!isWhole) return;
  const panels = panelCount(model.channels);
  embedBackward(
    model.wte + training.toGradient,
    model.wpe + training.toGradient,
    training.dx,
    rowBytes(model.channels),
    training.tokens,
    rowsOf(training),
    training.length,
    model.channels,
    shareStart(panels) * PANEL,
    min(shareEnd(panels) * PANEL, model.channels),
  );
  barrier();
}

/** Result: the sum of the squares of all gradients. */
export function gradientSquares(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const count = training.weightBytes >> 2;
  const chunks = <i32>((count + SQUARES_CHUNK - 1) / SQUARES_CHUNK);
  const gradients = training.weights + training.toGradient;
  sumSquares(training.partials, gradients, count, shareStart(chunks), shareEnd(chunks));
  barrier();
  storeSum(training, training.partials, chunks);
}

/** One step of AdamW for the weights in bytes from..to. */
function updateRange(training: Training, update: Update, from: usize, to: usize, decay: bool): void {
  const pieces = <i32>((to - from) >> 6);
  const w = training.weights + from + ((<usize>shareStart(pieces)) << 6);
  const bytes = (<usize>(shareEnd(pieces) - shareStart(pieces))) << 6;
  adamw(update, w, w + training.toGradient, w + training.toFirstMoment, w + training.toSecondMoment, bytes, decay);
}

/** One step of AdamW with decay of the matrices; the gradients become 0. */
export function update(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const numbers = changetype<Update>(training.update);
  updateRange(training, numbers, 0, training.matrixBytes, true);
  updateRange(training, numbers, training.matrixBytes, training.weightBytes, false);
  barrier();
}
