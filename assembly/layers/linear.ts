import { PANEL, PANEL_BYTES, WEIGHTS_F32 } from '../abi';
import { activate } from '../kernels/activation';
import { multiply, panelBytes, quantizeInput } from '../kernels/formats';
import { matmul } from '../kernels/formats/f32/matmul';
import { Adapter, Matrix, Model } from '../models/structs';
import { chunkOf, ownScratch, shareEnd, shareStart, takeChunk } from '../threads';
import { panelCount, rowBytes } from './rows';

/** In place of the number of an activation. */
const NO_ACTIVATION: i32 = -1;

/**
 * Prepares this thread's share of x[rows, K] for `linear`: quantizes it into `model.quantized` if the weights
 * ask for it, and computes x . a of the adapter (or 0).
 */
export function prepare(model: Model, adapter: usize, x: usize, rows: i32, K: i32): void {
  const first = shareStart(rows);
  const count = shareEnd(rows) - first;
  const stride = rowBytes(K);
  quantizeInput(model.weights, model.quantized, x, stride, rows, first, count, K);
  if (!adapter) return;
  const a = changetype<Adapter>(adapter).a;
  const rank = a.N;
  const xa = changetype<Adapter>(adapter).xa + rowBytes(rank) * first;
  x += stride * first;
  matmul(xa, rowBytes(rank), x, stride, count, a.weight, panelBytes(WEIGHTS_F32, K), 0, K, rank, false);
}

/**
 * out[rows, N] = activation(x[rows, K] . w + bias (+ out) + the adapter's contribution), a chunk of panels at
 * a time; `prepare` must be complete for all rows. `adapter` may be 0.
 */
export function linear(
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
  const stride = rowBytes(matrix.N);
  const panels = panelCount(matrix.N);
  const panelStride = panelBytes(model.weights, K);
  const scratch = ownScratch(model.scratch, model.scratchBytes);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const count = min(chunk, panels - first);
    const columns = count * PANEL;
    const offset = PANEL_BYTES * first;
    const o = out + offset;
    const bias = matrix.bias ? matrix.bias + offset : 0;
    const w = matrix.weight + panelStride * first;
    multiply(
      model.weights,
      o,
      stride,
      x,
      rowBytes(K),
      model.quantized,
      rows,
      w,
      bias,
      K,
      columns,
      accumulate,
      scratch,
    );
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
