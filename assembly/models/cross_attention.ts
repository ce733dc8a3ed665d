import { isQuantized } from '../kernels/formats';
import { attendMemories, storeRows } from '../layers/attention';
import { linear, prepare } from '../layers/linear';
import { norm } from '../layers/norm';
import { rowBytes } from '../layers/rows';
import { barrier, takeChunk, threadIndex } from '../threads';
import { Batch, Cross, Model, NO_RUNS, crossLayerOf, runOf } from './structs';

/*
 * Attention of a decoder's rows over encoder states (Vaswani et al. 2017), whose keys and values are the memory of a
 * run. States have no positions, so a state that is masked is one that the memory does not have.
 */

/**
 * Adds cross-attention to the residual stream of `rows` rows, all of the batch or the wanted ones. Rows of runs
 * without a memory keep their bits.
 */
export function crossAttention(model: Model, batch: Batch, index: i32, scoreScale: f32, rows: i32): void {
  const cross = changetype<Cross>(model.cross);
  const layer = crossLayerOf(cross, index);
  const memories = countMemories(batch);
  if (memories == 0) return;
  const isMixed = memories < batch.runCount;
  const copies = model.qkv + rowBytes(model.channels) * rows; // after the queries
  norm(model, NO_RUNS, 0, model.x, rows, layer.lnWeight, layer.lnBias);
  if (isMixed && threadIndex() == 0) copyOthers(model, batch, rows, copies, model.x);
  barrier();
  linear(model, NO_RUNS, 0, model.qkv, model.normed, rows, layer.query, false);
  barrier();
  attendMemories(model, batch, index, scoreScale, rows);
  barrier();
  if (isQuantized(model.weights)) {
    prepare(model, NO_RUNS, 0, model.normed, rows, model.channels);
    barrier();
  }
  linear(model, NO_RUNS, 0, model.x, model.normed, rows, layer.proj, true);
  barrier();
  if (!isMixed) return;
  if (threadIndex() == 0) copyOthers(model, batch, rows, model.x, copies);
  barrier();
}

/** How many runs have a memory. */
function countMemories(batch: Batch): i32 {
  let count = 0;
  for (let index = 0; index < batch.runCount; index++) if (runOf(batch, index).memory) count++;
  return count;
}

/** Copies the rows of runs without a memory. */
function copyOthers(model: Model, batch: Batch, rows: i32, to: usize, from: usize): void {
  const bytes = rowBytes(model.channels);
  const isAll = rows == batch.rows;
  for (let index = 0; index < batch.runCount; index++) {
    const run = runOf(batch, index);
    if (run.memory) continue;
    const offset = bytes * (isAll ? run.first : run.firstWanted);
    memory.copy(to + offset, from + offset, bytes * (isAll ? run.rows : run.wanted));
  }
}

/**
 * Computes keys and values of some of a memory's states, which are the first rows of `model.x`, in some layers, as the
 * fields of `Cross` say, and stores them in the memory's pages.
 */
export function remember(modelPointer: usize): void {
  const model = changetype<Model>(modelPointer);
  const cross = changetype<Cross>(model.cross);
  // Read now: after the last barrier the caller may already write the next job.
  const rows = cross.rows;
  const endLayer = cross.endLayer;
  const C = model.channels;
  const stride = rowBytes(2 * C);
  prepare(model, NO_RUNS, 0, model.x, rows, C);
  barrier();
  for (let index = cross.firstLayer; index < endLayer; index++) {
    linear(model, NO_RUNS, 0, model.qkv, model.x, rows, crossLayerOf(cross, index).keysAndValues, false);
    barrier();
    for (let head = takeChunk(1); head < model.heads; head = takeChunk(1)) {
      storeRows(model, cross.pages, cross.start, rows, model.qkv, stride, index, head);
    }
    barrier();
  }
}
