import { PROJ, padded } from '../../../assembly/abi.js';
import { LOGITS_ROWS } from '../layout.js';
import type { LogitsRow } from '../types.js';
import type { PointRead } from './actions.js';
import type { HookedBatch, PlacedRun } from './hooked_batch.js';
import { rowBytes } from './tracer.js';

/** Reads the logits that the last layer norm and the head make of the residual stream as it is now. */
export function hookLogits(batch: HookedBatch, hook: string, rowOf: (index: number) => LogitsRow): void {
  const { memory, model, config } = batch.tracer;
  for (const run of batch.runs) {
    const read = run.at(hook)?.read;
    if (read === undefined) continue;
    try {
      readLogits(batch, run, read, rowOf);
    } catch {
      // Numbers that are not finite end this text alone. The read gets them too, since an edit after it may make finite
      // what is computed from them.
      read.data.fill(NaN);
      memory
        .f32(model.x + run.first * rowBytes(config.channels), run.count * padded(config.channels))
        .fill(NaN);
    }
  }
}

function readLogits(
  { tracer: { parts, place, config } }: HookedBatch,
  run: PlacedRun,
  read: PointRead,
  rowOf: (index: number) => LogitsRow,
): void {
  for (let i = 0; i < run.count; ) {
    let count = 0;
    while (count < LOGITS_ROWS && i + count < run.count && read.indexOf(run.start + i + count) >= 0) count++;
    if (count > 0) {
      parts.finalNorm(place.model, run.first + i, count);
      parts.logits(place.model, place.logits, count);
    }
    for (let row = 0; row < count; row++) {
      const index = read.indexOf(run.start + i + row);
      if (read.receive) read.receive(index, rowOf(row));
      else read.data.set(rowOf(row).values, index * config.vocabSize);
    }
    i += Math.max(1, count);
  }
}

/** Reads what each head adds to the residual stream: its part of `hook_z` times its rows of the projection. */
export function hookResults(batch: HookedBatch, layer: number, hook: string): void {
  if (!batch.wants(hook)) return;
  const { parts, place, memory, model, config, outputs, copies } = batch.tracer;
  const { channels, heads } = config;
  const size = channels / heads;
  const rowOf = (address: number, row: number) => memory.f32(address + row * rowBytes(channels), channels);
  for (let head = 0; head < heads; head++) {
    const [from, end] = [head * size, (head + 1) * size];
    for (const { first, count } of batch.runs) {
      for (let row = first; row < first + count; row++) {
        const masked = rowOf(copies, row).fill(0);
        masked.set(rowOf(model.normed, row).subarray(from, end), from);
      }
    }
    parts.product(place.model, place.batch, layer, PROJ, outputs, copies, false, false);
    for (const run of batch.runs) {
      const read = run.at(hook)?.read;
      for (let i = 0; read !== undefined && i < run.count; i++) {
        const index = read.indexOf(run.start + i);
        if (index >= 0) read.data.set(rowOf(outputs, run.first + i), (index * heads + head) * channels);
      }
    }
  }
}
