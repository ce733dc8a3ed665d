import { PAGE, pagePartBytes } from '../abi';
import { attendHead, attendToAll } from '../kernels/attention';
import { rowScores } from '../kernels/attention/row_scores';
import { storeKeyValue } from '../kernels/kv/store';
import { softmax } from '../kernels/softmax';
import { Batch, Memory, Model, Run, runOf } from '../models/structs';
import { ownScratch, takeChunk } from '../threads';
import { rowBytes } from './rows';

/*
 * Attention, a head of a run at a time: causal, and over a run's memory. A page holds PAGE positions of one sequence: [layers][heads] of
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
  const stride = rowBytes(3 * C);
  const keys = model.qkv + stride * run.first + ((<usize>C) << 2);
  storeRows(model, run.pages, run.start, run.rows, keys, stride, layer, head);
}

/**
 * Stores one head's part of rows of keys and values, `stride` bytes apart, from position `start` on. Values are C
 * numbers after the keys.
 */
export function storeRows(
  model: Model,
  pages: usize,
  start: i32,
  rows: i32,
  keys: usize,
  stride: usize,
  layer: i32,
  head: i32,
): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const part = partOffset(model, layer, head);
  let k = keys + ((<usize>(headSize * head)) << 2);
  for (let row = 0; row < rows; ) {
    const position = start + row;
    const offset = position % PAGE;
    const count = min(rows - row, PAGE - offset);
    const page = <usize>load<u32>(pages + ((<usize>(position / PAGE)) << 2));
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

/**
 * Attention of rows of the batch, all of them or the wanted ones, over the memories of their runs into
 * `model.normed`; queries are rows of C numbers in `model.qkv`. Rows of runs without a memory stay as they are.
 */
export function attendMemories(model: Model, batch: Batch, layer: i32, scoreScale: f32, rows: i32): void {
  const items = batch.runCount * model.heads;
  for (let item = takeChunk(1); item < items; item = takeChunk(1)) {
    const run = runOf(batch, item / model.heads);
    if (!run.memory) continue;
    const isAll = rows == batch.rows;
    const first = isAll ? run.first : run.firstWanted;
    const count = isAll ? run.rows : run.wanted;
    const head = item % model.heads;
    const memory = changetype<Memory>(run.memory);
    attendStates(model, memory, layer, head, scoreScale, first, count);
    if (!memory.patterns) continue;
    writePatterns(model, memory, layer, head, scoreScale, first + count - run.wanted, run.wanted);
  }
}

function attendStates(
  model: Model,
  memory: Memory,
  layer: i32,
  head: i32,
  scoreScale: f32,
  first: i32,
  rows: i32,
): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const offset = rowBytes(C) * first + ((<usize>(headSize * head)) << 2);
  attendToAll(
    model.kv,
    model.normed + offset,
    rowBytes(C),
    model.qkv + offset,
    rowBytes(C),
    rows,
    memory.states,
    memory.pages,
    partOffset(model, layer, head),
    headSize,
    scoreScale,
    ownScratch(model.scratch, model.scratchBytes),
  );
}

/** Writes the weights of all states for the wanted rows, which begin with row `first` of the queries. */
function writePatterns(
  model: Model,
  memory: Memory,
  layer: i32,
  head: i32,
  scoreScale: f32,
  first: i32,
  wanted: i32,
): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const scratch = ownScratch(model.scratch, model.scratchBytes);
  const bytes = (<usize>((memory.states + PAGE - 1) & -PAGE)) << 2;
  for (let row = 0; row < wanted; row++) {
    const q = model.qkv + rowBytes(C) * (first + row) + ((<usize>(headSize * head)) << 2);
    const out = memory.patterns + bytes * ((row * model.layers + layer) * model.heads + head);
    const part = partOffset(model, layer, head);
    rowScores(model.kv, out, q, memory.pages, part, headSize, memory.states, scoreScale, scratch);
    softmax(out, out, memory.states, 1);
  }
}
