import { panelCount, rowBytes } from '../layers/rows';
import { NORM_STATISTICS_BYTES } from './abi';
import { PANEL, WEIGHTS_F32 } from '../abi';
import { Matrix, Model } from '../models/structs';
import { barrier, chunkOf, ownScratch, shareEnd, shareStart, takeChunk } from '../threads';
import { layernorm } from '../kernels/layernorm';
import { Dropout, dropElements } from './dropout';
import { layernormInput, layernormWeights } from './backward/layernorm';
import { matmulForward, matmulInput, matmulWeight, transposeInput, weightStretch } from './matmul';
import { formatOf, matmulForwardPacked } from './packed';
import { masterOf } from './quantize';
import { Training } from './structs';

/*
 * Phases that the layers share. Each works on this thread's share or on the chunks that it claims, and ends
 * at a barrier, so that the next phase can read all results.
 */

// @ts-ignore: decorator
@inline
export function modelOf(training: Training): Model {
  return changetype<Model>(training.model);
}

// @ts-ignore: decorator
@inline
export function rowsOf(training: Training): i32 {
  return training.batch * training.length;
}

/** This thread's scratch. */
// @ts-ignore: decorator
@inline
export function scratchOf(training: Training): usize {
  return ownScratch(training.scratch, training.scratchBytes);
}

/** Whether the weight at an address is trained: others have no gradient. */
// @ts-ignore: decorator
@inline
export function isTrained(training: Training, weight: usize): bool {
  return weight - training.weights < training.weightBytes;
}

/** training.normed = layer norm of x[R, C]. */
export function norm(training: Training, x: usize, weight: usize, bias: usize): void {
  const model = modelOf(training);
  const stride = rowBytes(model.channels);
  const first = shareStart(rowsOf(training));
  const rows = shareEnd(rowsOf(training)) - first;
  const from = stride * first;
  layernorm(training.normed + from, stride, x + from, stride, rows, weight, bias, model.channels, model.layerNormEpsilon);
  barrier();
}

/**
 * dx += the gradient of a layer norm's input x, from that of its output in training.dnormed; and its
 * weights'.
 */
export function normBackward(training: Training, x: usize, weight: usize, bias: usize): void {
  const model = modelOf(training);
  const C = model.channels;
  const stride = rowBytes(C);
  const rows = rowsOf(training);
  const first = shareStart(rows);
  const from = stride * first;
  layernormInput(
    training.dx + from,
    training.dnormed + from,
    x + from,
    stride,
    shareEnd(rows) - first,
    weight,
    C,
    model.layerNormEpsilon,
    training.normStatistics + NORM_STATISTICS_BYTES * first,
  );
  barrier();
  if (!isTrained(training, weight)) return;
  const panels = panelCount(C);
  layernormWeights(
    weight + training.toGradient,
    bias + training.toGradient,
    training.dnormed,
    x,
    stride,
    rows,
    shareStart(panels) * PANEL,
    min(shareEnd(panels) * PANEL, C),
    training.normStatistics,
  );
  barrier();
}

/** out[rows, N] = x[rows, K] . w + bias; rows of out are `outStride` bytes apart. */
export function linear(
  training: Training,
  out: usize,
  outStride: usize,
  x: usize,
  rows: i32,
  matrix: Matrix,
): void {
  const weights = formatOf(training, matrix.weight);
  const scratch = scratchOf(training);
  const stride = rowBytes(matrix.K);
  const panels = panelCount(matrix.N);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const end = min(first + chunk, panels);
    if (weights == WEIGHTS_F32) matmulForward(out, outStride, x, stride, rows, matrix, first, end);
    else matmulForwardPacked(weights, out, outStride, x, stride, rows, matrix, first, end, scratch);
  }
  barrier();
}

/**
 * Adds to the gradients of the matrix and its bias, if they are trained, from x[rows, K] and dy[rows, N], `dyStride`
 * bytes a row.
 */
export function linearWeight(
  training: Training,
  x: usize,
  dy: usize,
  dyStride: usize,
  rows: i32,
  matrix: Matrix,
): void {
  const weight = masterOf(training, matrix.weight);
  if (!isTrained(training, weight)) return;
  const K = matrix.K;
  const N = matrix.N;
  const inPanels = panelCount(K);
  const outPanels = panelCount(N);
  const outChunk = chunkOf(outPanels);
  const longest = weightStretch(rows);
  const dw = weight + training.toGradient;
  const dbias = matrix.bias ? matrix.bias + training.toGradient : 0;
  for (let row = 0; row < rows; row += longest) {
    const count = min(longest, rows - row);
    const end = min(shareEnd(inPanels) * PANEL, K);
    const from = x + rowBytes(K) * row;
    transposeInput(training.transposed, from, rowBytes(K), count, shareStart(inPanels) * PANEL, end);
    barrier();
    for (let first = takeChunk(outChunk); first < outPanels; first = takeChunk(outChunk)) {
      matmulWeight(
        dw,
        dbias,
        training.transposed,
        dy + dyStride * row,
        dyStride,
        count,
        K,
        N,
        first,
        min(first + outChunk, outPanels),
        scratchOf(training),
      );
    }
    barrier();
  }
}

/** dx[rows, K] = dy[rows, N] . transpose of the matrix's w (+ dx); rows of dy are `dyStride` bytes apart. */
export function linearInput(
  training: Training,
  dx: usize,
  dy: usize,
  dyStride: usize,
  rows: i32,
  matrix: Matrix,
  accumulate: bool = false,
): void {
  const weights = formatOf(training, matrix.weight);
  const scratch = scratchOf(training);
  const stride = rowBytes(matrix.K);
  const panels = panelCount(matrix.K);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const end = min(first + chunk, panels);
    matmulInput(dx, stride, dy, dyStride, rows, matrix, first, end, scratch, accumulate, weights);
  }
  barrier();
}

/** out[R, C] = dropout of x[R, C]; `out` may be x. */
export function drop(training: Training, dropout: Dropout, out: usize, x: usize, site: u32): void {
  const stride = rowBytes(modelOf(training).channels);
  const first = shareStart(rowsOf(training));
  const from = stride * first;
  const bytes = stride * (shareEnd(rowsOf(training)) - first);
  dropElements(dropout, out + from, x + from, bytes, <u32>(from >> 2), site);
  barrier();
}

/** Gradient of a residual branch's output: training.dx after dropout. */
export function branchGradient(training: Training, dropout: Dropout, site: u32): usize {
  if (dropout.threshold == 0) return training.dx;
  drop(training, dropout, training.dropped, training.dx, site);
  return training.dropped;
}

/** out = x + dropout(out), both [R, C]. */
export function addResidual(training: Training, dropout: Dropout, out: usize, x: usize, site: u32): void {
  if (dropout.threshold != 0) drop(training, dropout, out, out, site);
  const stride = rowBytes(modelOf(training).channels);
  const from = stride * shareStart(rowsOf(training));
  const end = stride * shareEnd(rowsOf(training));
  for (let i = from; i < end; i += 16) v128.store(out + i, f32x4.add(v128.load(x + i), v128.load(out + i)));
  barrier();
}
