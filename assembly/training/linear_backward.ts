import { adapterBackward, adapterInput } from './adapter';
import { rowBytes } from '../layers/rows';
import { Adapter, Matrix, adapterOf } from '../models/structs';
import { TRAINED_ADAPTERS } from './abi';
import { linearInput, linearWeight, rowsOf } from './phases';
import { Training } from './structs';

/** The adapter of a layer's matrix, by its place, or 0. */
export function trainedAdapter(training: Training, layer: i32, place: i32): usize {
  return adapterOf(training.adapters, TRAINED_ADAPTERS * layer + place);
}

/**
 * From dy[R, N]: adds to the gradients of the matrix, its bias and its adapter (or 0), as far as they are trained,
 * and sets dx[R, K], which may be the same buffer as x.
 */
export function linearBackward(
  training: Training,
  adapter: usize,
  dx: usize,
  x: usize,
  dy: usize,
  matrix: Matrix,
): void {
  const rows = rowsOf(training);
  const stride = rowBytes(matrix.N);
  if (adapter) adapterBackward(training, changetype<Adapter>(adapter), x, dy, stride, rows);
  linearWeight(training, x, dy, stride, rows, matrix);
  linearInput(training, dx, dy, stride, rows, matrix);
  if (adapter) adapterInput(training, changetype<Adapter>(adapter), dx, rows);
}
