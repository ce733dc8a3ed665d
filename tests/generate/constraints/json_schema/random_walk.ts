import * as assert from 'uvu/assert';
import type { Expression } from '../../../../src/generate/constraints/expressions/expression.js';

/** Longest text before a walk is given up. */
const LONGEST = 400;
/** From here on a walk takes the way out where there is one. */
const LONG = 40;
const CLOSERS = [...new TextEncoder().encode('"]}')];

/**
 * A text that an expression matches, by random bytes that are possible. Fails at a state without a way on. undefined if
 * the text becomes too long.
 */
export function randomWalk(start: Expression, seed: number): string | undefined {
  const random = generator(seed);
  const bytes: number[] = [];
  let state = start;
  while (bytes.length < LONGEST) {
    const possible = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => !state.step(byte).isNothing,
    );
    const text = () => new TextDecoder().decode(Uint8Array.from(bytes));
    assert.ok(state.isNullable || possible.length > 0, `a way on after ${text()}`);
    if (state.isNullable && (possible.length === 0 || bytes.length > LONG || random() < 0.5)) return text();
    const closers = possible.filter((byte) => CLOSERS.includes(byte));
    const ascii = possible.filter((byte) => byte > 0x20 && byte < 0x7f);
    const wanted =
      closers.length > 0 && (bytes.length > LONG || random() < 0.4)
        ? closers
        : random() < 0.8 && ascii.length > 0
          ? ascii
          : possible;
    const byte = wanted[Math.floor(random() * wanted.length)]!;
    bytes.push(byte);
    state = state.step(byte);
  }
  return undefined;
}

/** Numbers from 0 to 1 (xorshift). */
function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
