import type { LogitsRow } from '../../../core/types.js';
import type { Ranking } from '../ranking.js';

/**
 * Removes all tokens but those at ranks `start` (inclusive) to `end` (exclusive), at least one. `start`: the
 * first of equally likely ones. `probabilities`: those that are ranked, largest first, equal ones by lower
 * id.
 */
export function keepRanks(
  { values }: LogitsRow,
  probabilities: Float32Array,
  ranking: Ranking,
  start: number,
  end: number,
): void {
  const most = ranking.probability(start);
  const last = ranking.id(end - 1);
  const least = probabilities[last]!;
  for (let id = 0; id < values.length; id++) {
    const probability = probabilities[id]!;
    const isAfter = probability < least || (probability === least && id > last);
    if (isAfter || probability > most) values[id] = Number.NEGATIVE_INFINITY;
  }
}

/** Removes tokens that are less likely than `least`; the most likely ones always stay. */
export function removeBelow(row: LogitsRow, probabilities: Float32Array, least: number): void {
  const { values } = row;
  const limit = Math.min(least, probabilities[row.argmax()]!);
  for (let id = 0; id < values.length; id++) {
    if (probabilities[id]! < limit) values[id] = Number.NEGATIVE_INFINITY;
  }
}
