import { KV_F16, KV_F32, PAGE, PANEL } from '../abi';
import { half4, scale1 } from '../half';
import { rowScores } from '../kernels/attention/row_scores';
import {
  columnFlip,
  columnOffset,
  scalesOffset,
  valuePanelBytes,
  valuesOffset,
} from '../kernels/kv/layout';
import { softmax } from '../kernels/softmax';
import { partOffset } from '../layers/attention';
import { rowBytes } from '../layers/rows';
import { Batch, Model, Run, layerOf, runOf } from '../models/structs';
import { ownScratch } from '../threads';

/*
 * The scores and weights of attention, in full rows: kernels/attention.ts keeps no scores, and weights only for a page.
 */

/** Bytes of two rows of a q8 panel. */
// @ts-ignore: decorator
@inline
const ROW_PAIR_BYTES: usize = 2 * PANEL;

/**
 * The scaled scores of row `row` of a run for the positions up to its own, from the stored keys. `out` has room for
 * whole pages.
 */
export function scores(
  modelPointer: usize,
  batch: usize,
  runIndex: i32,
  layer: i32,
  head: i32,
  row: i32,
  out: usize,
): void {
  const model = changetype<Model>(modelPointer);
  const run = runOf(changetype<Batch>(batch), runIndex);
  const C = model.channels;
  const headSize = C / model.heads;
  const scale = layerOf(model, layer).scoreScale;
  const q = model.qkv + rowBytes(3 * C) * (run.first + row) + ((<usize>(headSize * head)) << 2);
  const scratch = ownScratch(model.scratch, model.scratchBytes);
  const visible = run.start + row + 1;
  const part = partOffset(model, layer, head);
  rowScores(model.kv, out, q, run.pages, part, headSize, visible, scale, scratch);
}

/** out[n] = softmax(scores[n]); `out` may be `scores`. */
export function pattern(out: usize, values: usize, n: i32): void {
  softmax(out, values, n, 1);
}

/** out[head size] = weights[n] . the stored values of a run's first n positions. */
export function weightedValues(
  modelPointer: usize,
  batch: usize,
  runIndex: i32,
  layer: i32,
  head: i32,
  weights: usize,
  n: i32,
  out: usize,
): void {
  const model = changetype<Model>(modelPointer);
  const run = runOf(changetype<Batch>(batch), runIndex);
  const headSize = model.channels / model.heads;
  for (let channel = 0; channel < headSize; channel++) {
    let sum: f64 = 0;
    for (let position = 0; position < n; position++) {
      const part = partAt(model, run, layer, head, position);
      const value = valueAt(model.kv, part, position % PAGE, channel, headSize);
      sum += <f64>load<f32>(weights + ((<usize>position) << 2)) * <f64>value;
    }
    store<f32>(out + ((<usize>channel) << 2), <f32>sum);
  }
}

/** A head's part of the page of a position. */
// @ts-ignore: decorator
@inline
function partAt(model: Model, run: Run, layer: i32, head: i32, position: i32): usize {
  return <usize>load<u32>(run.pages + ((<usize>(position / PAGE)) << 2)) + partOffset(model, layer, head);
}

/** A channel of the value of a position in a part of a page. */
function valueAt(format: i32, part: usize, position: i32, channel: i32, headSize: i32): f32 {
  const panel = part + valuesOffset(format, headSize) + valuePanelBytes(format) * (channel / PANEL);
  const column = channel % PANEL;
  if (format == KV_F32) return load<f32>(panel + ((<usize>(position * PANEL + column)) << 2));
  if (format == KV_F16) {
    const bits = i32x4.splat(load<u16>(panel + ((<usize>(position * PANEL + column)) << 1)));
    return f32x4.extract_lane(half4(bits), 0);
  }
  const at = panel + ROW_PAIR_BYTES * (position >> 1) + ((position & 1) << 1) + columnOffset(column);
  const integer = <i32>(<i8>(load<u8>(at) ^ columnFlip(column)));
  return <f32>integer * scale1(part + scalesOffset(headSize) + ((PAGE + position) << 1));
}
