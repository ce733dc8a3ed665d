import { ATTN, FC, PROJ } from '../abi';
import { activate } from '../kernels/activation';
import { embed } from '../kernels/embedding';
import { isQuantized } from '../kernels/formats';
import { layernorm } from '../kernels/layernorm';
import { storeAndAttend } from '../layers/attention';
import { linear, prepare } from '../layers/linear';
import { rowBytes } from '../layers/rows';
import { embedRows, keepWanted } from '../models/decoder';
import { Batch, Layer, Matrix, Model, NO_RUNS, adapterPlace, layerOf } from '../models/structs';
import { barrier } from '../threads';

/*
 * The parts of models/decoder.ts, one call each, for all rows of a batch and on one thread; together they compute the
 * same bits.
 */

/** Writes the residual stream before the first layer into `model.x`. */
export function embedBatch(model: usize, batch: usize): void {
  embedRows(changetype<Model>(model), changetype<Batch>(batch));
  barrier();
}

/** out[C] = the embedding of a token + position[C]. */
export function embedRow(modelPointer: usize, out: usize, token: i32, position: usize): void {
  const model = changetype<Model>(modelPointer);
  embed(out, token, position, model.weights, model.wte, model.channels);
}

/** out[K] = a column of the matrix at `weight` [K, N], in the model's format, + addend[K]. */
export function matrixColumn(
  model: usize,
  out: usize,
  weight: usize,
  column: i32,
  K: i32,
  addend: usize,
): void {
  embed(out, column, addend, changetype<Model>(model).weights, weight, K);
}

/** The first layer norm of a layer, or with `isSecond` the second one, of `model.x` into `model.normed`. */
export function normalize(modelPointer: usize, batch: usize, index: i32, isSecond: bool): void {
  const model = changetype<Model>(modelPointer);
  const layer = layerOf(model, index);
  const weight = isSecond ? layer.ln2Weight : layer.ln1Weight;
  const bias = isSecond ? layer.ln2Bias : layer.ln1Bias;
  normRows(model, model.x, changetype<Batch>(batch).rows, weight, bias);
}

function normRows(model: Model, x: usize, rows: i32, weight: usize, bias: usize): void {
  const C = model.channels;
  layernorm(model.normed, rowBytes(C), x, rowBytes(C), rows, weight, bias, C, model.layerNormEpsilon);
}

function matrixOf(layer: Layer, matrix: i32): Matrix {
  if (matrix == ATTN) return layer.attn;
  if (matrix == PROJ) return layer.proj;
  return matrix == FC ? layer.fc : layer.out;
}

/**
 * out = x . w + bias (+ out) of a layer's matrix (ATTN, PROJ, FC, OUT) for all rows of the batch, adapters included
 * and no activation applied.
 */
export function product(
  modelPointer: usize,
  batchPointer: usize,
  index: i32,
  number: i32,
  out: usize,
  x: usize,
  accumulate: bool,
  hasBias: bool,
): void {
  const model = changetype<Model>(modelPointer);
  const batch = changetype<Batch>(batchPointer);
  const matrix = matrixOf(layerOf(model, index), number);
  const place = adapterPlace(index, number);
  const bias = matrix.bias;
  if (!hasBias) matrix.bias = 0;
  if (isQuantized(model.weights) || batch.isAdapted) prepare(model, batch, place, x, batch.rows, matrix.K);
  linear(model, batch, place, out, x, batch.rows, matrix, accumulate);
  matrix.bias = bias;
  barrier();
}

/** Applies the activation of the MLP to all rows of `model.hidden`. */
export function activateHidden(modelPointer: usize, batch: usize): void {
  const model = changetype<Model>(modelPointer);
  const bytes = rowBytes(model.innerChannels) * changetype<Batch>(batch).rows;
  activate(model.activation, model.hidden, bytes);
}

/** Stores keys and values; attention of all rows of `model.qkv` into `model.normed`. */
export function attend(modelPointer: usize, batchPointer: usize, index: i32): void {
  const model = changetype<Model>(modelPointer);
  storeAndAttend(model, changetype<Batch>(batchPointer), index, layerOf(model, index).scoreScale);
  barrier();
}

/** Moves the wanted rows of `model.x` to its beginning. */
export function keepWantedRows(model: usize, batch: usize): void {
  keepWanted(changetype<Model>(model), changetype<Batch>(batch));
}

/** The last layer norm of rows first.. of `model.x` into `model.normed`. */
export function finalNorm(modelPointer: usize, first: i32, rows: i32): void {
  const model = changetype<Model>(modelPointer);
  normRows(model, model.x + rowBytes(model.channels) * first, rows, model.finalWeight, model.finalBias);
}

/** out[rows, V] = the logits of the first rows of `model.normed`. */
export function logits(modelPointer: usize, out: usize, rows: i32): void {
  const model = changetype<Model>(modelPointer);
  prepare(model, NO_RUNS, 0, model.normed, rows, model.channels);
  linear(model, NO_RUNS, 0, out, model.normed, rows, model.head, false);
  barrier();
}
