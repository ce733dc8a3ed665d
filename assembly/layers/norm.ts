import { layernorm } from '../kernels/layernorm';
import { Batch, Model } from '../models/structs';
import { shareEnd, shareStart } from '../threads';
import { prepare } from './linear';
import { rowBytes } from './rows';

/**
 * Layer norm of this thread's share of x[rows, C] into `model.normed`, prepared for `linear` with the adapters
 * at `place`.
 */
export function norm(
  model: Model,
  batch: Batch,
  place: i32,
  x: usize,
  rows: i32,
  weight: usize,
  bias: usize,
): void {
  const C = model.channels;
  const stride = rowBytes(C);
  const first = shareStart(rows);
  const offset = stride * first;
  const count = shareEnd(rows) - first;
  layernorm(model.normed + offset, stride, x + offset, stride, count, weight, bias, C, model.layerNormEpsilon);
  prepare(model, batch, place, model.normed, rows, C);
}
