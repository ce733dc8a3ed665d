import { ATTN, FC, OUT, PANEL, PROJ } from '../abi';
import { embed } from '../kernels/embedding';
import { isQuantized } from '../kernels/formats';
import { attendWanted, storeAndAttend, storeKeysAndValues } from '../layers/attention';
import { NO_ACTIVATION, linear, linearPanels, prepare } from '../layers/linear';
import { norm } from '../layers/norm';
import { panelCount, rowBytes } from '../layers/rows';
import { barrier, shareEnd, shareStart, threadIndex } from '../threads';
import { crossAttention } from './cross_attention';
import { Batch, Layer, Model, NO_RUNS, adapterPlace, layerOf, runOf } from './structs';

/*
 * GPT-2's decoder: Radford et al. 2019. Every thread makes these calls with the same arguments and does a
 * part: its share of the rows of a norm, chunks of the panels of a matrix, heads of attention. A barrier
 * stands wherever a part needs what another thread wrote.
 */

/**
 * Evaluates layers firstLayer.. before endLayer for the rows of a batch and leaves the residual stream in
 * `model.x`, where the next layers take it up; the first one begins with the embedding, and after the last one
 * `model.x` holds the wanted rows alone.
 */
export function forward(model: usize, batch: usize, firstLayer: i32, endLayer: i32): void {
  evaluateLayers(model, batch, firstLayer, endLayer, false);
}

/** `crossing`: a constant that says whether the model has cross-attention. */
// @ts-ignore: decorator
@inline
export function evaluateLayers(
  modelPointer: usize,
  batchPointer: usize,
  firstLayer: i32,
  endLayer: i32,
  crossing: bool,
): void {
  const model = changetype<Model>(modelPointer);
  const batch = changetype<Batch>(batchPointer);
  // Read now: after the last barrier of a job the caller may already write the next batch.
  const wanted = batch.wanted;
  if (firstLayer == 0) embedRows(model, batch);
  for (let index = firstLayer; index < endLayer; index++) {
    const layer = layerOf(model, index);
    const isLast = index == model.layers - 1;
    if (isLast && wanted < batch.rows) {
      attentionOfWanted(model, batch, layer, index, wanted);
      if (wanted == 0) return;
    } else {
      attention(model, batch, layer, index);
    }
    const rows = isLast ? wanted : batch.rows;
    project(model, batch, layer, index, rows);
    if (crossing) crossAttention(model, batch, index, layer.scoreScale, rows);
    feedForward(model, batch, layer, index, rows);
  }
}

/** The residual stream before the first layer, in this thread's share of the rows. */
export function embedRows(model: Model, batch: Batch): void {
  const C = model.channels;
  const stride = rowBytes(C);
  for (let row = shareStart(batch.rows); row < shareEnd(batch.rows); row++) {
    const offset = (<usize>row) << 2;
    const position = model.wpe + stride * load<u32>(batch.positions + offset);
    embed(model.x + stride * row, load<i32>(batch.tokens + offset), position, model.weights, model.wte, C);
  }
}

/** The attention of all rows, before its projection, into `model.normed`. */
function attention(model: Model, batch: Batch, layer: Layer, index: i32): void {
  const place = adapterPlace(index, ATTN);
  const rows = batch.rows;
  norm(model, batch, place, model.x, rows, layer.ln1Weight, layer.ln1Bias);
  barrier();
  linear(model, batch, place, model.qkv, model.normed, rows, layer.attn, false);
  barrier();
  storeAndAttend(model, batch, index, layer.scoreScale);
  barrier();
}

/**
 * The attention of the last layer if not all rows are wanted: keys and values of all rows, but queries and
 * attention of the wanted ones alone, to which `model.x` is reduced.
 */
function attentionOfWanted(model: Model, batch: Batch, layer: Layer, index: i32, wanted: i32): void {
  const C = model.channels;
  const place = adapterPlace(index, ATTN);
  const all = panelCount(3 * C);
  norm(model, batch, place, model.x, batch.rows, layer.ln1Weight, layer.ln1Bias);
  barrier();
  const qkv = model.qkv;
  const normed = model.normed;
  linearPanels(model, batch, place, qkv, normed, batch.rows, layer.attn, false, NO_ACTIVATION, C / PANEL, all);
  barrier();
  if (threadIndex() == 0) keepWanted(model, batch);
  storeKeysAndValues(model, batch, index);
  barrier();
  if (wanted == 0) return;
  norm(model, batch, place, model.x, wanted, layer.ln1Weight, layer.ln1Bias);
  barrier();
  linearPanels(model, batch, place, qkv, normed, wanted, layer.attn, false, NO_ACTIVATION, 0, panelCount(C));
  barrier();
  attendWanted(model, batch, index, layer.scoreScale);
  barrier();
}

/** Moves the wanted rows of `model.x` to its beginning. */
export function keepWanted(model: Model, batch: Batch): void {
  const bytes = rowBytes(model.channels);
  for (let index = 0; index < batch.runCount; index++) {
    const run = runOf(batch, index);
    const from = run.first + run.rows - run.wanted;
    memory.copy(model.x + bytes * run.firstWanted, model.x + bytes * from, bytes * run.wanted);
  }
}

/** Adds the projection of the attention, which is in `model.normed`, to the residual stream. */
export function project(model: Model, batch: Batch, layer: Layer, index: i32, rows: i32): void {
  const place = adapterPlace(index, PROJ);
  if (isQuantized(model.weights) || batch.isAdapted) {
    prepare(model, batch, place, model.normed, rows, model.channels);
    barrier();
  }
  linear(model, batch, place, model.x, model.normed, rows, layer.proj, true);
  barrier();
}

/** Adds the MLP to the residual stream. */
function feedForward(model: Model, batch: Batch, layer: Layer, index: i32, rows: i32): void {
  expand(model, batch, layer, index, rows);
  contract(model, batch, layer, index, rows);
}

/** The inside of the MLP into `model.hidden`. */
export function expand(model: Model, batch: Batch, layer: Layer, index: i32, rows: i32): void {
  const inner = adapterPlace(index, FC);
  norm(model, batch, inner, model.x, rows, layer.ln2Weight, layer.ln2Bias);
  barrier();
  linear(model, batch, inner, model.hidden, model.normed, rows, layer.fc, false, model.activation);
  barrier();
}

/** Adds the result of the MLP, whose inside is in `model.hidden`, to the residual stream. */
export function contract(model: Model, batch: Batch, layer: Layer, index: i32, rows: i32): void {
  const outer = adapterPlace(index, OUT);
  if (isQuantized(model.weights) || batch.isAdapted) {
    prepare(model, batch, outer, model.hidden, rows, model.innerChannels);
    barrier();
  }
  linear(model, batch, outer, model.x, model.hidden, rows, layer.out, true);
  barrier();
}

/**
 * Final hidden states of wanted rows first.. of the latest batch: the final layer norm, [rows, C] in
 * `model.normed`. Then their logits: out[rows, V], rows padded to whole panels; none if `out` is 0.
 */
export function head(modelPointer: usize, out: usize, first: i32, rows: i32): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  norm(model, NO_RUNS, 0, model.x + rowBytes(C) * first, rows, model.finalWeight, model.finalBias);
  barrier();
  if (!out) return;
  linear(model, NO_RUNS, 0, out, model.normed, rows, model.head, false);
  barrier();
}
