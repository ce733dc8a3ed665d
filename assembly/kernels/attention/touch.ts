import { PANEL, padded } from '../../abi';
import { keyPanelBytes, numberBytes, valuePanelBytes, valuesOffset } from '../kv/layout';

/** Reads each cache line of at least `bytes` bytes; returns `seen` or a word of each. */
// @ts-ignore: decorator
@inline
function touch(from: usize, bytes: usize, seen: i32): i32 {
  for (const end = from + bytes; from < end; from += 256) {
    seen |= load<i32>(from) | load<i32>(from, 64) | load<i32>(from, 128) | load<i32>(from, 192);
  }
  return seen;
}

/**
 * Brings the first `count` positions of a part into the first-level cache. Products have so many instructions
 * for each cache line that a processor only sees a few lines ahead; reads alone wait for memory all together.
 * The result has no meaning, but must be stored so that the reads are not removed.
 */
export function touchPart(format: i32, part: usize, count: i32, headSize: i32): i32 {
  const positions = <usize>padded(count);
  let seen = touch(part, keyPanelBytes(format, headSize) * (positions / PANEL), 0);
  part += valuesOffset(format, headSize);
  for (let i = 0; i < headSize; i += PANEL) {
    seen = touch(part, positions * PANEL * numberBytes(format), seen);
    part += valuePanelBytes(format);
  }
  return seen;
}
