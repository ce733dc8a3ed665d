import { CROSS_KEYS, CROSS_PROJ, CROSS_QUERY } from './abi';
import { adapterBackward, adapterInput, addAdapter } from './adapter';
import { attendStates } from './heads';
import { rowBytes } from '../layers/rows';
import { linearBackward, trainedAdapter } from './linear_backward';
import { Adapter, Cross, CrossLayer, crossLayerOf } from '../models/structs';
import {
  addResidual,
  branchGradient,
  linear,
  linearInput,
  linearWeight,
  modelOf,
  norm,
  normBackward,
  rowsOf,
} from './phases';
import { crossProjectionSite, kept, residualDropout, rowsBytes } from './places';
import { CrossTraining, Training } from './structs';

function layerOfCross(training: Training, index: i32): CrossLayer {
  return crossLayerOf(changetype<Cross>(modelOf(training).cross), index);
}

/** The residual stream after a layer's attention to encoder states; the same as `x` if the model has none. */
export function afterCross(training: Training, x: usize, index: i32): usize {
  if (!training.cross) return x;
  const bytes = rowsBytes(training, modelOf(training).channels);
  return kept(training, changetype<CrossTraining>(training.cross).residual, bytes, index);
}

/** Attention of a layer to encoder states, from the residual stream x[R, C] before it. */
export function forwardCross(training: Training, x: usize, index: i32): void {
  if (!training.cross) return;
  const cross = changetype<CrossTraining>(training.cross);
  const layer = layerOfCross(training, index);
  const C = modelOf(training).channels;
  const rows = rowsOf(training);
  const stateRows = training.batch * cross.states;
  const stride = rowBytes(C);
  const pairStride = rowBytes(2 * C);
  const queries = kept(training, cross.queries, stride * rows, index);
  const keysAndValues = kept(training, cross.keysAndValues, pairStride * stateRows, index);
  const output = kept(training, cross.output, stride * rows, index);
  const out = afterCross(training, x, index);

  norm(training, x, layer.lnWeight, layer.lnBias);
  linear(training, queries, stride, training.normed, rows, layer.query);
  addAdapter(training, trainedAdapter(training, index, CROSS_QUERY), queries, stride, training.normed, rows);
  linear(training, keysAndValues, pairStride, cross.memory, stateRows, layer.keysAndValues);
  const keysAdapter = trainedAdapter(training, index, CROSS_KEYS);
  addAdapter(training, keysAdapter, keysAndValues, pairStride, cross.memory, stateRows);
  attendStates(training, cross, index, false);
  linear(training, out, stride, output, rows, layer.proj);
  addAdapter(training, trainedAdapter(training, index, CROSS_PROJ), out, stride, output, rows);
  addResidual(training, residualDropout(training), out, x, crossProjectionSite(index));
}

/**
 * From the gradient of the residual stream after a layer's attention to encoder states to that before it, both
 * training.dx; adds to the gradient of the states, which the last layer sets.
 */
export function backwardCross(training: Training, x: usize, index: i32): void {
  if (!training.cross) return;
  const cross = changetype<CrossTraining>(training.cross);
  const layer = layerOfCross(training, index);
  const dropout = residualDropout(training);
  const output = kept(training, cross.output, rowsBytes(training, modelOf(training).channels), index);
  const branch = branchGradient(training, dropout, crossProjectionSite(index));
  const proj = trainedAdapter(training, index, CROSS_PROJ);
  linearBackward(training, proj, training.dnormed, output, branch, layer.proj);
  attendStates(training, cross, index, true);
  backwardStates(training, cross, layer, index);
  norm(training, x, layer.lnWeight, layer.lnBias);
  const query = trainedAdapter(training, index, CROSS_QUERY);
  linearBackward(training, query, training.dnormed, training.normed, training.dhidden, layer.query);
  normBackward(training, x, layer.lnWeight, layer.lnBias);
}

/** The gradients of the matrix of keys and values, and of the states, from cross.dkeysAndValues. */
function backwardStates(training: Training, cross: CrossTraining, layer: CrossLayer, index: i32): void {
  const rows = training.batch * cross.states;
  const stride = rowBytes(2 * modelOf(training).channels);
  const dy = cross.dkeysAndValues;
  const adapter = trainedAdapter(training, index, CROSS_KEYS);
  if (adapter) adapterBackward(training, changetype<Adapter>(adapter), cross.memory, dy, stride, rows);
  linearWeight(training, cross.memory, dy, stride, rows, layer.keysAndValues);
  if (!cross.dmemory) return;
  const isFirst = index == modelOf(training).layers - 1;
  linearInput(training, cross.dmemory, dy, stride, rows, layer.keysAndValues, !isFirst);
  if (adapter) adapterInput(training, changetype<Adapter>(adapter), cross.dmemory, rows);
}
