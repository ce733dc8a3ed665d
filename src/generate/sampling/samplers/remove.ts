import type { LogitsRow } from '../../../core/types.js';
import type { Ranking } from '../ranking.js';

/** Removes all tokens but those at ranks `start` (inclusive) to `end` (exclusive). */
export function keepRanks({ values }: LogitsRow, ranking: Ranking, start: number, end: number): void {
  const ids = Array.from({ length: end - start }, (_, index) => ranking.id(start + index));
  const logits = ids.map((id) => values[id]!);
  values.fill(Number.NEGATIVE_INFINITY);
  ids.forEach((id, index) => {
    values[id] = logits[index]!;
  });
}

/** Removes tokens that are less likely than `least`; the most likely ones always stay. */
export function removeBelow(row: LogitsRow, probabilities: Float32Array, least: number): void {
  const { values } = row;
  const limit = Math.min(least, probabilities[row.argmax()]!);
  for (let id = 0; id < values.length; id++) {
    if (probabilities[id]! < limit) values[id] = Number.NEGATIVE_INFINITY;
  }
}
