import { PANEL, PANEL_BYTES } from '../abi';
import { activate } from '../kernels/activation';
import { multiply, panelBytes, quantizeInput } from '../kernels/formats';
import { Batch, Matrix, Model } from '../models/structs';
import { chunkOf, ownScratch, shareEnd, shareStart, takeChunk } from '../threads';
import { addAdapters, projectDown } from './adapters';
import { panelCount, rowBytes } from './rows';

/** In place of the number of an activation. */
export const NO_ACTIVATION: i32 = -1;

/**
 * Prepares this thread's share of x[rows, K] for `linear`: quantizes it into `model.quantized` if the weights
 * ask for it, and computes x . a of the adapters at `place`.
 */
export function prepare(model: Model, batch: Batch, place: i32, x: usize, rows: i32, K: i32): void {
  const first = shareStart(rows);
  const end = shareEnd(rows);
  quantizeInput(model.weights, model.quantized, x, rowBytes(K), rows, first, end - first, K);
  if (batch.isAdapted) projectDown(batch, place, x, rows, first, end, K);
}

/**
 * out[rows, N] = activation(x[rows, K] . w + bias (+ out) + the adapters' contributions), a chunk of panels at
 * a time; `prepare` must be complete for all rows.
 */
export function linear(
  model: Model,
  batch: Batch,
  place: i32,
  out: usize,
  x: usize,
  rows: i32,
  matrix: Matrix,
  accumulate: bool,
  activation: i32 = NO_ACTIVATION,
): void {
  const end = panelCount(matrix.N);
  linearPanels(model, batch, place, out, x, rows, matrix, accumulate, activation, 0, end);
}

/** As `linear`, for the panels of `matrix` from firstPanel to before endPanel. */
export function linearPanels(
  model: Model,
  batch: Batch,
  place: i32,
  out: usize,
  x: usize,
  rows: i32,
  matrix: Matrix,
  accumulate: bool,
  activation: i32,
  firstPanel: i32,
  endPanel: i32,
): void {
  const K = matrix.K;
  const stride = rowBytes(matrix.N);
  const panelStride = panelBytes(model.weights, K);
  const scratch = ownScratch(model.scratch, model.scratchBytes);
  const chunk = chunkOf(endPanel - firstPanel);
  for (let at = firstPanel + takeChunk(chunk); at < endPanel; at = firstPanel + takeChunk(chunk)) {
    const count = min(chunk, endPanel - at);
    const offset = PANEL_BYTES * at;
    const o = out + offset;
    const bias = matrix.bias ? matrix.bias + offset : 0;
    multiply(
      model.weights,
      o,
      stride,
      x,
      rowBytes(K),
      model.quantized,
      rows,
      matrix.weight + panelStride * at,
      bias,
      K,
      count * PANEL,
      accumulate,
      scratch,
    );
    if (batch.isAdapted) addAdapters(batch, place, out, stride, rows, at, count);
    if (activation == NO_ACTIVATION) continue;
    for (let row = 0; row < rows; row++) activate(activation, o + stride * row, PANEL_BYTES * count);
  }
}
