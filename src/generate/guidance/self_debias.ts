import { ln } from '../../base/exact_math.js';
import type { LogitsRow } from '../../core/types.js';

/** Logits and settings for self-debiasing. */
export interface Debiasing {
  /** V logits after each text that asks for what is unwanted, and the prompt. */
  readonly unwanted: readonly Float32Array[];
  readonly decay: number;
  readonly floor: number;
}

/**
 * Changes a row of logits by self-debiasing (Schick et al. 2021): those of tokens whose probability p is smaller than
 * the largest one in `unwanted`, q, by max(ln(floor), decay * (p - q)).
 */
export function selfDebias(
  row: Pick<LogitsRow, 'values' | 'softmax'>,
  { unwanted, decay, floor }: Debiasing,
): void {
  const { values } = row;
  const logits = values.slice();
  const probabilities = row.softmax(1).slice();
  const largest = new Float32Array(logits.length);
  for (const others of unwanted) {
    values.set(others);
    const found = row.softmax(1);
    for (let id = 0; id < found.length; id++) largest[id] = Math.max(largest[id]!, found[id]!);
  }
  const least = ln(floor);
  for (let id = 0; id < logits.length; id++) {
    const difference = probabilities[id]! - largest[id]!;
    values[id] = logits[id]! + (difference < 0 ? Math.max(least, decay * difference) : 0);
  }
}
