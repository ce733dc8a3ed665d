import type { Target } from '../target.js';
import { changedAs } from './file.js';
import type { RandomSource } from './random.js';

export const LONGEST_INPUT = 2 ** 18;

/** A new input: one of `pool` with some changes, or, if the target has a grammar, as often a fresh one with few. */
export function nextInput(target: Target, pool: readonly Uint8Array[], random: RandomSource): Uint8Array {
  const { kind, words = [] } = target;
  const change = target.change ?? ((input, other) => changedAs(kind, input, other, words, random));
  const fresh = random.below(2) === 0 ? target.fresh?.(random) : undefined;
  let changed = fresh ?? random.pick(pool);
  for (let changes = fresh ? random.below(3) : 1 + random.below(4); changes > 0; changes--)
    changed = change(changed, random.pick(pool), random);
  return changed.length > LONGEST_INPUT ? changed.subarray(0, LONGEST_INPUT) : changed;
}
