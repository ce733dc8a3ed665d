import { editKeys, type PointActions, readKeys } from './actions.js';
import type { HookedBatch, PlacedRun } from './hooked_batch.js';
import { rowBytes } from './tracer.js';

/**
 * Hooks of the scores and weights of attention, which the core does not keep: they are computed again for the rows
 * that are read or changed, and replace the result of attention only where one has changed.
 */
export function hookAttention(
  batch: HookedBatch,
  layer: number,
  scoresHook: string,
  patternHook: string,
): void {
  const { config } = batch.tracer;
  for (const run of batch.runs) {
    const hooked = [run.at(scoresHook), run.at(patternHook)].filter((actions) => actions !== undefined);
    if (hooked.length === 0) continue;
    for (let head = 0; head < config.heads; head++) {
      for (let i = 0; i < run.count; i++) {
        if (!hooked.some((actions) => concerns(actions, head, run.start + i))) continue;
        hookQuery(batch, layer, run, head, i, run.at(scoresHook), run.at(patternHook));
      }
    }
  }
}

function concerns({ edits, read }: PointActions, head: number, position: number): boolean {
  const isRead = read !== undefined && read.indexOf(position) >= 0;
  return (
    isRead ||
    edits.some(
      ({ heads, indexOf }) => indexOf(position) >= 0 && (heads === undefined || heads.includes(head)),
    )
  );
}

function hookQuery(
  { tracer }: HookedBatch,
  layer: number,
  run: PlacedRun,
  head: number,
  row: number,
  scores: PointActions | undefined,
  pattern: PointActions | undefined,
): void {
  const { parts, place, memory, model, config, keys } = tracer;
  const position = run.start + row;
  const seen = position + 1;
  parts.scores(place.model, place.batch, run.index, layer, head, row, keys);
  const numbers = memory.f32(keys, seen);
  let isChanged = scores !== undefined && editKeys(scores.edits, numbers, head, position);
  readKeys(scores?.read, numbers, head, position, Number.NEGATIVE_INFINITY);
  parts.pattern(keys, keys, seen);
  if (pattern !== undefined && editKeys(pattern.edits, numbers, head, position)) isChanged = true;
  readKeys(pattern?.read, numbers, head, position, 0);
  if (!isChanged) return;
  const { channels, heads } = config;
  const out = model.normed + rowBytes(channels) * (run.first + row) + (4 * head * channels) / heads;
  parts.weightedValues(place.model, place.batch, run.index, layer, head, keys, seen, out);
}
