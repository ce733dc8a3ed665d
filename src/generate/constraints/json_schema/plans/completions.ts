import type { Expression } from '../../expressions/expression.js';

/** Deepest search. A finite language of schemas has no longer texts; one of brackets in brackets has. */
const LONGEST_TEXT = 10_000;
const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

/** All bytes. Those that end a text come before those that begin parts of parts, so that texts are found soon. */
const ORDER: readonly number[] = [...new TextEncoder().encode('"]}0123456789,:')];
const BYTES: readonly number[] = [
  ...ORDER,
  ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !ORDER.includes(byte)),
];

/**
 * All texts that lead from a state to an end, as their UTF-8; undefined if there are more than `most`. The state and
 * those after it must not match nothing. `isSkipped`: leave out texts with white space between tokens of JSON, of
 * which the same value has any number.
 */
export function completions(
  state: Expression,
  nothing: Expression,
  most: number,
  isSkipped?: (bytes: readonly number[]) => boolean,
): Uint8Array[] | undefined {
  const texts: Uint8Array[] = [];
  const bytes: number[] = [];
  const way = new Set<Expression>();
  const stack: { readonly at: Expression; next: number }[] = [];
  const enter = (at: Expression): boolean => {
    // A way back to the same state makes any number of texts.
    if (way.has(at) || stack.length > LONGEST_TEXT) return false;
    if (at.isNullable) texts.push(new Uint8Array(bytes));
    way.add(at);
    stack.push({ at, next: 0 });
    return texts.length <= most;
  };
  if (!enter(state)) return undefined;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const byte = BYTES[top.next++];
    if (byte === undefined) {
      way.delete(top.at);
      stack.pop();
      bytes.pop();
      continue;
    }
    if (BLANKS.has(byte) && isSkipped?.(bytes)) continue;
    const after = top.at.step(byte);
    if (after === nothing) continue;
    bytes.push(byte);
    if (!enter(after)) return undefined;
  }
  return texts;
}
