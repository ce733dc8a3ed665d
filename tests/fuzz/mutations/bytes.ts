import { text } from '../target.js';
import { LARGE, NUMBERS } from './odd_values.js';
import type { RandomSource } from './random.js';

/** Beginnings, where headers are, come more often. */
function placeIn(length: number, random: RandomSource): number {
  return random.below(random.below(2) === 0 ? Math.min(length, 256) + 1 : length + 1);
}

function spliced(input: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const rest = input.subarray(Math.min(input.length, at + removed));
  const result = new Uint8Array(at + inserted.length + rest.length);
  result.set(input.subarray(0, at));
  result.set(inserted, at);
  result.set(rest, at + inserted.length);
  return result;
}

/** Bytes with one change. */
export function changedBytes(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  const at = placeIn(input.length, random);
  const some = 1 + random.below(random.below(4) === 0 ? 4096 : 16);
  const from = placeIn(other.length, random);
  switch (random.below(9)) {
    case 0:
      return input.map((byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte));
    case 1:
      return spliced(input, at, 1, Uint8Array.of(random.below(256)));
    case 2:
      return spliced(input, at, some, new Uint8Array(0));
    case 3:
      return spliced(input, at, 0, input.subarray(from, from + some));
    case 4:
      return spliced(input, at, some, other.subarray(from, from + some));
    case 5:
      return numberAt(input, at, random);
    case 6:
      return input.subarray(0, at);
    case 7:
      return words.length === 0
        ? numberAt(input, at, random)
        : spliced(input, at, random.below(2) * some, text(random.pick(words)));
    default:
      return spliced(
        input,
        at,
        0,
        Uint8Array.from({ length: some }, () => random.below(256)),
      );
  }
}

/** Writes a number that breaks sums and products, in 1 to 8 bytes. */
function numberAt(input: Uint8Array, at: number, random: RandomSource): Uint8Array {
  const size = 2 ** random.below(4);
  const bytes = new DataView(new ArrayBuffer(8));
  const number = BigInt(random.pick(size < 4 ? NUMBERS : [...NUMBERS, ...LARGE]));
  const signed = random.below(4) === 0 ? -number : number;
  bytes.setBigUint64(0, BigInt.asUintN(64, signed), random.below(4) > 0);
  return spliced(input, at, size, new Uint8Array(bytes.buffer, 0, size));
}
