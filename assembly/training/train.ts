import { DECODER_SITE, LOSS_CROSS_ENTROPY, LOSS_LOGIT, SQUARES_CHUNK } from './abi';
import { Update, adamw, sumSquares } from './adamw';
import { crossEntropy, negativeLogit, softCrossEntropy } from './cross_entropy';
import { embedBackward, positionOf } from './backward/embedding';
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
import { updateMuon } from './muon/muon';
import { Muon } from './muon/structs';
import { isUnfit, masterOf, quantize } from './quantize';
import { CrossTraining, PackedWeights, Training } from './structs';
import { embed } from '../kernels/embedding';
import { PANEL } from '../abi';
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
    const position = model.wpe + stride * positionOf(row, training.length, training.starts);
    embed(x + stride * row, token, position, model.weights, model.wte, model.channels);
  }
  if (isUnfit(training)) makeNaN(x, stride, rows);
  barrier();
  const dropout = embeddingDropout(training);
  if (dropout.threshold != 0) drop(training, dropout, x, x, <u32>DECODER_SITE);
}

/** The loss of one row of logits, which become its gradient. */
function lossOf(training: Training, logits: usize, row: i32, inTile: i32): f64 {
  const V = modelOf(training).vocabSize;
  const at = (<usize>row) << 2;
  const target = load<i32>(training.targets + at);
  const scale: f32 = training.scale * load<f32>(training.factors + at);
  if (training.loss == LOSS_LOGIT) return negativeLogit(logits, V, target, scale);
  if (training.loss == LOSS_CROSS_ENTROPY) return crossEntropy(logits, V, target, scale);
  const teacher = training.teacher + training.logitsStride * inTile;
  return softCrossEntropy(logits, teacher, V, target, training.hardShare, scale);
}

/** Makes this thread's rows NaN, and so all losses and gradients: weights that a format cannot hold give no result. */
function makeNaN(x: usize, stride: usize, rows: i32): void {
  const first = shareStart(rows);
  memory.fill(x + stride * first, 0xff, stride * (shareEnd(rows) - first));
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

/*
 * The calls of the ABI; every thread makes them with the address of the same Training.
 */

/** A batch from its tokens to the final norm's output. */
export function forwardPass(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const model = modelOf(training);
  quantize(pointer);
  if (training.cross) encodeStates(changetype<CrossTraining>(training.cross));
  embedTokens(training);
  for (let index = 0; index < model.layers; index++) forwardLayer(training, index, false);
  norm(training, residual(training, model.layers), model.finalWeight, model.finalBias);
}

/**
 * The losses of rows firstRow.. endRow - 1 and, if `withGradients`, the gradients of the head, if it is trained, and of
 * the final norm's output. It goes a tile of rows at a time, so that no array of R x V is needed.
 */
export function headPass(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const model = modelOf(training);
  const stride = rowBytes(model.channels);
  // After the last barrier, the caller may already write the next call's fields.
  const end = training.endRow;
  const withGradients = training.withGradients;
  for (let row = training.firstRow; row < end; row += training.tileRows) {
    const count = min(training.tileRows, end - row);
    const x = training.normed + stride * row;
    linear(training, training.logits, training.logitsStride, x, count, model.head);
    for (let i = shareStart(count); i < shareEnd(count); i++) {
      const loss = lossOf(training, training.logits + training.logitsStride * i, row + i, i);
      store<f64>(training.losses + ((<usize>(row + i)) << 3), loss);
    }
    barrier();
    if (!withGradients) continue;
    const dx = training.dnormed + stride * row;
    const dy = training.logits;
    const dyStride = training.logitsStride;
    linearWeight(training, x, dy, dyStride, count, model.head);
    linearInput(training, dx, dy, dyStride, count, model.head);
  }
}

/**
 * Adds the gradients of all trained weights to the stored ones, from that of the final norm's output, which headPass has
 * computed for all rows.
 */
export function backwardPass(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const model = modelOf(training);
  clearGradient(training);
  normBackward(training, residual(training, model.layers), model.finalWeight, model.finalBias);
  for (let index = model.layers - 1; index >= 0; index--) backwardLayer(training, index);
  backwardTokens(training);
  if (training.prefix) backwardPrefix(training);
  if (training.cross) backwardEncoder(changetype<CrossTraining>(training.cross));
}

/** Adds the gradients of both embeddings, if they are trained, from training.dx, which becomes that before dropout. */
function backwardTokens(training: Training): void {
  const model = modelOf(training);
  const wte = masterOf(training, model.wte);
  const isWhole = isTrained(training, wte);
  if (!isWhole && !training.prefix) return;
  const dropout = embeddingDropout(training);
  if (dropout.threshold != 0) drop(training, dropout, training.dx, training.dx, <u32>DECODER_SITE);
  if (!isWhole) return;
  const panels = panelCount(model.channels);
  embedBackward(
    wte + training.toGradient,
    model.wpe + training.toGradient,
    training.dx,
    rowBytes(model.channels),
    training.tokens,
    rowsOf(training),
    training.length,
    training.starts,
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

/** One step of the optimizer with decay of the matrices; the gradients become 0. */
export function update(pointer: usize): void {
  const training = changetype<Training>(pointer);
  const numbers = changetype<Update>(training.update);
  const muonBytes = training.muon ? changetype<Muon>(training.muon).weightBytes : 0;
  updateRange(training, numbers, muonBytes, training.matrixBytes, true);
  updateRange(training, numbers, training.matrixBytes, training.weightBytes, false);
  if (training.muon) updateMuon(training, numbers);
  if (training.packed && threadIndex() == 0) changetype<PackedWeights>(training.packed).isStale = 1;
  barrier();
}
