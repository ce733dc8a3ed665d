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
  const latest = new Map<number, number[]>();
  for (const { ms, rows, wanted } of batches) {
    if (rows === wanted) latest.set(rows, [ms, ...(latest.get(rows) ?? [])].slice(0, LATEST));
  }
  const measured = [...latest.keys()];
  const least = (from: number) =>
    Math.min(...[...latest].flatMap(([rows, times]) => (rows >= from ? times : [])));
  return (rows) => {
    const below = Math.max(...measured.filter((other) => other <= rows));
    if (below < 0) return undefined;
    const above = Math.min(...measured.filter((other) => other > rows));
    const start = least(below);
    const slope =
      above === Number.POSITIVE_INFINITY
        ? (start * ROW_SHARE) / (1 + ROW_SHARE * (below - 1))
        : (least(above) - start) / (above - below);
    return start + slope * (rows - below);
  };
}
