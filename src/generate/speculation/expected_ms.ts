import type { BatchTime } from '../../core/types.js';

/** Until batches of more rows were measured, a further row is taken to cost this share of a batch of one. */
const ROW_SHARE = 1 / 3;

/** How many of the latest times of a number of rows count. */
const LATEST = 4;

/** Milliseconds that a batch of `rows` rows is expected to take; undefined if so few were never measured. */
export type ExpectedMs = (rows: number) => number | undefined;

/**
 * Learns from the latest batches, oldest first, what one with logits for all of its rows takes: measured, or
 * between the times of the nearest measured numbers of rows. Other work can only delay a batch, so that the
 * least of the latest times counts, also of batches with more rows.
 */
export function expectedMs(batches: readonly BatchTime[]): ExpectedMs {
  const times = leastTimes(batches);
  return (rows) => {
    const index = times.findLastIndex((time) => time.rows <= rows);
    const below = times[index];
    if (below === undefined) return undefined;
    const above = times[index + 1];
    const slope =
      above === undefined
        ? (below.ms * ROW_SHARE) / (1 + ROW_SHARE * (below.rows - 1))
        : (above.ms - below.ms) / (above.rows - below.rows);
    return below.ms + slope * (rows - below.rows);
  };
}

/** For each measured number of rows, the fewest first, the least of the latest times of as many rows or more. */
function leastTimes(batches: readonly BatchTime[]): { readonly rows: number; ms: number }[] {
  const latest = new Map<number, { count: number; ms: number }>();
  for (let i = batches.length - 1; i >= 0; i--) {
    const { ms, rows, wanted } = batches[i]!;
    if (rows !== wanted) continue;
    const time = latest.get(rows);
    if (time === undefined) latest.set(rows, { count: 1, ms });
    else if (time.count++ < LATEST) time.ms = Math.min(time.ms, ms);
  }
  const times = Array.from(latest, ([rows, { ms }]) => ({ rows, ms })).sort((a, b) => a.rows - b.rows);
  for (let i = times.length - 2; i >= 0; i--) times[i]!.ms = Math.min(times[i]!.ms, times[i + 1]!.ms);
  return times;
}
