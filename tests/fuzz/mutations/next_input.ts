import type { Target } from '../target.js';
import { changedBytes } from './bytes.js';
import { changedJson } from './json.js';
import type { RandomSource } from './random.js';
import { changedText } from './text.js';

export const LONGEST_INPUT = 2 ** 18;

/** A new input: one of `pool` with some changes, or, if the target has a grammar, as often a fresh one with few. */
export function nextInput(target: Target, pool: readonly Uint8Array[], random: RandomSource): Uint8Array {
  const fresh = random.below(2) === 0 ? target.fresh?.(random) : undefined;
  let changed = fresh ?? random.pick(pool);
  const other = random.pick(pool);
  const { kind, words = [] } = target;
  for (let changes = fresh ? random.below(3) : 1 + random.below(4); changes > 0; changes--) {
    if (kind === 'bytes' || random.below(6) === 0) changed = changedBytes(changed, other, words, random);
    else if (kind === 'json') changed = changedJson(changed, other, words, random);
    else changed = changedText(changed, other, words, random);
  }
  return changed.length > LONGEST_INPUT ? changed.subarray(0, LONGEST_INPUT) : changed;
}
