import { throwIfAborted } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { readPatterns } from './read_patterns.js';

/** Rows of the product between two turns of the event loop. */
const ROWS = 32;

/**
 * Attention rollout [positions, tokens] (Abnar and Zuidema 2020): the product of the layers, each (mean of its heads +
 * identity) / 2. Throws `aborted`.
 */
export async function attentionRollout(
  model: Model,
  ids: readonly number[],
  positions: readonly number[],
  { signal }: Work,
): Promise<Float32Array> {
  const count = Math.max(...positions) + 1;
  const seen = ids.slice(0, count);
  const rows = seen.map((_, position) => position);
  const layers = Array.from({ length: model.config.layers }, (_, layer) => layer);
  // Row i has the shares of tokens 0 to i.
  let shares: Float64Array[] = rows.map((i) =>
    Float64Array.from({ length: i + 1 }, (_, j) => (i === j ? 1 : 0)),
  );
  await readPatterns(model, { ids: seen, positions: rows, layers }, { signal }, async (_, weights) => {
    const next: Float64Array[] = [];
    for (const i of rows) {
      if (i % ROWS === ROWS - 1) {
        await nextTask();
        throwIfAborted(signal, 'the rollout');
      }
      next.push(rolledRow(i, weights, shares));
    }
    shares = next;
  });
  const rollout = new Float32Array(positions.length * ids.length);
  positions.forEach((position, row) => {
    rollout.set(shares[position]!, row * ids.length);
  });
  return rollout;
}

/** Row i of (mean of the heads' weights [heads, T, T] + identity) / 2 . shares. */
function rolledRow(i: number, weights: Float32Array, shares: readonly Float64Array[]): Float64Array {
  const T = shares.length;
  const heads = weights.length / (T * T);
  const row = new Float64Array(i + 1);
  for (let key = 0; key <= i; key++) {
    let sum = 0;
    for (let head = 0; head < heads; head++) sum += weights[(head * T + i) * T + key]!;
    const weight = (sum / heads + (key === i ? 1 : 0)) / 2;
    const from = shares[key]!;
    for (let j = 0; j <= key; j++) row[j]! += weight * from[j]!;
  }
  return row;
}
