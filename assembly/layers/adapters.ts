import { PANEL, PANEL_BYTES, WEIGHTS_F32 } from '../abi';
import { panelBytes } from '../kernels/formats';
import { matmul } from '../kernels/formats/f32/matmul';
import { Adapter, Batch, Run, adapterOf, runOf } from '../models/structs';
import { rowBytes } from './rows';

/*
 * Low-rank changes of a matrix, run by run: sequences with different adapters, or with none, share a batch.
 * `place` is that of a matrix in the arrays of adapters. The rows of a run are consecutive among all rows of
 * the batch and among its wanted rows; `rows` says which of the two are meant.
 */

// @ts-ignore: decorator
@inline
function firstRow(batch: Batch, run: Run, rows: i32): i32 {
  return rows == batch.rows ? run.first : run.firstWanted;
}

// @ts-ignore: decorator
@inline
function endRow(batch: Batch, run: Run, rows: i32): i32 {
  return rows == batch.rows ? run.first + run.rows : run.firstWanted + run.wanted;
}

/** Computes xa = x[rows, K] . a of every run's adapter, for rows from `first` to before `end`. */
export function projectDown(
  batch: Batch,
  place: i32,
  x: usize,
  rows: i32,
  first: i32,
  end: i32,
  K: i32,
): void {
  const stride = rowBytes(K);
  for (let index = 0; index < batch.runCount; index++) {
    const run = runOf(batch, index);
    const adapter = adapterOf(run.adapters, place);
    const from = max(first, firstRow(batch, run, rows));
    const count = min(end, endRow(batch, run, rows)) - from;
    if (!adapter || count <= 0) continue;
    const a = changetype<Adapter>(adapter).a;
    const rank = a.N;
    const xa = changetype<Adapter>(adapter).xa + rowBytes(rank) * from;
    const input = x + stride * from;
    matmul(xa, rowBytes(rank), input, stride, count, a.weight, panelBytes(WEIGHTS_F32, K), 0, K, rank, false);
  }
}

/** out[rows, N] += xa . b of every run's adapter, for the columns of `panels` panels from `firstPanel`. */
export function addAdapters(
  batch: Batch,
  place: i32,
  out: usize,
  outStride: usize,
  rows: i32,
  firstPanel: i32,
  panels: i32,
): void {
  for (let index = 0; index < batch.runCount; index++) {
    const run = runOf(batch, index);
    const adapter = adapterOf(run.adapters, place);
    const from = firstRow(batch, run, rows);
    const count = endRow(batch, run, rows) - from;
    if (!adapter || count <= 0) continue;
    const b = changetype<Adapter>(adapter).b;
    const rank = b.K;
    const panelStride = panelBytes(WEIGHTS_F32, rank);
    const xa = changetype<Adapter>(adapter).xa + rowBytes(rank) * from;
    const o = out + outStride * from + PANEL_BYTES * firstPanel;
    const w = b.weight + panelStride * firstPanel;
    matmul(o, outStride, xa, rowBytes(rank), count, w, panelStride, 0, rank, panels * PANEL, true);
  }
}
