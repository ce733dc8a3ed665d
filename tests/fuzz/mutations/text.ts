import { text, textOf } from '../target.js';
import { ODD_TEXTS } from './odd_values.js';
import type { RandomSource } from './random.js';

/** A text with one change. */
export function changedText(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  const own = textOf(input);
  const at = random.below(own.length + 1);
  const some = 1 + random.below(random.below(3) === 0 ? 64 : 4);
  const donor = random.below(2) === 0 ? own : textOf(other);
  const from = random.below(donor.length + 1);
  const piece = donor.slice(from, from + some);
  const inserted = random.pick([
    piece,
    random.pick([...ODD_TEXTS, ...words]),
    piece.repeat(1 + random.below(40)),
    '',
  ]);
  return text(own.slice(0, at) + inserted + own.slice(at + (random.below(2) === 0 ? 0 : some)));
}
