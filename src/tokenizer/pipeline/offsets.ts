import type { EncodedToken } from './encoded_token.js';

/** The parts of texts that tokens stand for, in UTF-16 units. */
export function offsetsIn(
  texts: readonly string[],
  tokens: readonly EncodedToken[],
): (readonly [number, number])[] {
  const units = texts.map(unitsOfCodePoints);
  return tokens.map(({ start, end, textIndex }) => {
    const at = units[textIndex];
    return at === undefined ? [start, end] : [at[start]!, at[end]!];
  });
}

/** By code point, and for the end: the UTF-16 units before it; undefined if each has one unit. */
function unitsOfCodePoints(text: string): Int32Array | undefined {
  const characters = [...text];
  if (characters.length === text.length) return undefined;
  const units = new Int32Array(characters.length + 1);
  for (const [i, character] of characters.entries()) units[i + 1] = units[i]! + character.length;
  return units;
}

/** The borders [T + 1] between the parts of a text that tokens have, in UTF-16 units. */
export function bordersOf(text: string, tokens: readonly EncodedToken[]): Int32Array {
  const offsets = offsetsIn([text], tokens);
  const borders = new Int32Array(tokens.length + 1);
  for (const [i, [, end]] of offsets.entries()) {
    // Tokens of one character, and a mark before it, share its place: the last one has it.
    const next = offsets[i + 1]?.[0] ?? text.length;
    borders[i + 1] = Math.max(borders[i]!, Math.min(end, next));
  }
  if (tokens.length > 0) borders[tokens.length] = text.length;
  return borders;
}
