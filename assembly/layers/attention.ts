import { PAGE, pagePartBytes } from '../abi';
import { attendHead } from '../kernels/attention';
import { storeKeyValue } from '../kernels/kv/store';
import { Batch, Model, Run, runOf } from '../models/structs';
import { ownScratch, takeChunk } from '../threads';
import { rowBytes } from './rows';

/*
 * Causal attention, a head of a run at a time. A page holds PAGE positions of one sequence: [layers][heads] of
 * parts. Queries, keys and values are rows of `model.qkv`.
 */

/** Stores the keys and values of all rows of the batch in their pages. */
export function storeKeysAndValues(model: Model, batch: Batch, layer: i32): void {
  const items = batch.runCount * model.heads;
  for (let item = takeChunk(1); item < items; item = takeChunk(1)) {
    storeHead(model, runOf(batch, item / model.heads), layer, item % model.heads);
  }
}

/**
 * Attention of all rows of the batch into `model.normed`, after storing their keys and values; each row sees
 * the positions of its sequence up to its own.
 */
export function storeAndAttend(model: Model, batch: Batch, layer: i32, scoreScale: f32): void {
  const items = batch.runCount * model.heads;
  for (let item = takeChunk(1); item < items; item = takeChunk(1)) {
    const run = runOf(batch, item / model.heads);
    storeHead(model, run, layer, item % model.heads);
    attendRows(model, run, layer, item % model.heads, scoreScale, run.first, run.rows);
  }
}

/**
 * Attention of the wanted rows alone, whose queries are the first rows of `model.qkv`; keys and values of all
 * rows are stored.
 */
export function attendWanted(model: Model, batch: Batch, layer: i32, scoreScale: f32): void {
  const items = batch.runCount * model.heads;
  for (let item = takeChunk(1); item < items; item = takeChunk(1)) {
    const run = runOf(batch, item / model.heads);
    attendRows(model, run, layer, item % model.heads, scoreScale, run.firstWanted, run.wanted);
  }
}

/** Bytes from the start of a page to a head's part. */
// @ts-ignore: decorator
@inline
export function partOffset(model: Model, layer: i32, head: i32): usize {
  return (<usize>(layer * model.heads + head)) * pagePartBytes(model.kv, model.channels / model.heads);
}

function storeHead(model: Model, run: Run, layer: i32, head: i32): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const stride = rowBytes(3 * C);
  const part = partOffset(model, layer, head);
  let k = model.qkv + stride * run.first + ((<usize>(C + headSize * head)) << 2);
  for (let row = 0; row < run.rows; ) {
    const position = run.start + row;
    const offset = position % PAGE;
    const count = min(run.rows - row, PAGE - offset);
    const page = <usize>load<u32>(run.pages + ((<usize>(position / PAGE)) << 2));
    const v = k + ((<usize>C) << 2);
    storeKeyValue(model.kv, page + part, k, v, stride, count, offset, headSize);
    k += stride * count;
    row += count;
  }
}

/** Attention of the last `rows` rows of a run, which are rows first.. of `model.qkv` and `model.normed`. */
function attendRows(
  model: Model,
  run: Run,
  layer: i32,
  head: i32,
  scoreScale: f32,
  first: i32,
  rows: i32,
): void {
  if (rows == 0) return;
  const C = model.channels;
  const headSize = C / model.heads;
  const headBytes = (<usize>(headSize * head)) << 2;
  attendHead(
    model.kv,
    model.normed + rowBytes(C) * first + headBytes,
    rowBytes(C),
    model.qkv + rowBytes(3 * C) * first + headBytes,
    rowBytes(3 * C),
    rows,
    run.start + run.rows - rows,
    run.pages,
    partOffset(model, layer, head),
    headSize,
    scoreScale,
    ownScratch(model.scratch, model.scratchBytes),
  );
}
