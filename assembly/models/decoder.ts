import { ATTN, FC, OUT, PROJ, padded } from '../abi';
import { embed } from '../kernels/embedding';
import { isQuantized } from '../kernels/formats';
import { attend } from '../layers/attention';
import { linear, prepare } from '../layers/linear';
import { norm } from '../layers/norm';
import { rowBytes } from '../layers/rows';
import { barrier, shareEnd, shareStart } from '../threads';
import { Model, adapterOf, layerOf } from './structs';

/*
 * GPT-2's decoder: Radford et al. 2019. Every thread makes these calls with the same arguments and does a
 * part: its share of the rows of a norm, chunks of the panels of a matrix, heads of attention. A barrier
 * stands wherever a part needs what another thread wrote.
 */

/**
 * Evaluates layers firstLayer.. before endLayer for `rows` tokens (i32) at positions start.. and leaves the
 * residual stream in `model.x`, where the next layers take it up; the first one begins with the embedding.
 *
 * `cache` holds keys, then values, of every layer: T x C and T x heads x padded head size f32 a layer.
 */
export function forward(
  modelPointer: usize,
  cache: usize,
  tokens: usize,
  rows: i32,
  start: i32,
  firstLayer: i32,
  endLayer: i32,
): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  const innerChannels = model.innerChannels;
  const keyBytes = (<usize>model.capacity * C) << 2;
  const valueBytes = (<usize>model.capacity * padded(C / model.heads) * model.heads) << 2;

  if (firstLayer == 0) {
    const first = shareStart(rows);
    const x = model.x + rowBytes(C) * first;
    const ids = tokens + ((<usize>first) << 2);
    const count = shareEnd(rows) - first;
    embed(x, rowBytes(C), ids, count, start + first, model.weights, model.wte, model.wpe, C);
  }
  for (let index = firstLayer; index < endLayer; index++) {
    const layer = layerOf(model, index);
    const keys = cache + (keyBytes + valueBytes) * index;

    let adapter = adapterOf(model, index, ATTN);
    norm(model, adapter, model.x, rows, layer.ln1Weight, layer.ln1Bias);
    barrier();
    linear(model, adapter, model.qkv, model.normed, rows, layer.attn, false);
    barrier();
    attend(model, layer.scoreScale, keys, keys + keyBytes, rows, start);
    barrier();
    adapter = adapterOf(model, index, PROJ);
    if (isQuantized(model.weights) || adapter) {
      prepare(model, adapter, model.normed, rows, C);
      barrier();
    }
    linear(model, adapter, model.x, model.normed, rows, layer.proj, true);
    barrier();

    adapter = adapterOf(model, index, FC);
    norm(model, adapter, model.x, rows, layer.ln2Weight, layer.ln2Bias);
    barrier();
    linear(model, adapter, model.hidden, model.normed, rows, layer.fc, false, model.activation);
    barrier();
    adapter = adapterOf(model, index, OUT);
    if (isQuantized(model.weights) || adapter) {
      prepare(model, adapter, model.hidden, rows, innerChannels);
      barrier();
    }
    linear(model, adapter, model.x, model.hidden, rows, layer.out, true);
    barrier();
  }
}

/** Logits of rows first.. of the latest `forward`: out[rows, V], rows padded to whole panels. */
export function head(modelPointer: usize, out: usize, first: i32, rows: i32): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  norm(model, 0, model.x + rowBytes(C) * first, rows, model.finalWeight, model.finalBias);
  barrier();
  linear(model, 0, out, model.normed, rows, model.head, false);
  barrier();
}
