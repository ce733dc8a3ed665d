/** What the split pattern asks of a character: \p{L}, \p{N}, White_Space or none of them. */
export const OTHER = 0;
export const LETTER = 1;
export const NUMBER = 2;
export const WHITE_SPACE = 3;

/** Classes of 256 code points at a time, filled when the first of them is met: a text uses few blocks. */
const blocks: (Uint8Array | undefined)[] = new Array(0x1100);

export function classOf(codePoint: number): number {
  const block = blocks[codePoint >>> 8] ?? fillBlock(codePoint >>> 8);
  return block[codePoint & 0xff]!;
}

function fillBlock(index: number): Uint8Array {
  const block = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    const character = String.fromCodePoint(index * 256 + i);
    // JavaScript's \s has U+FEFF and lacks U+0085; the pattern means the Unicode property.
    if (/\p{L}/u.test(character)) block[i] = LETTER;
    else if (/\p{N}/u.test(character)) block[i] = NUMBER;
    else if (/\p{White_Space}/u.test(character)) block[i] = WHITE_SPACE;
  }
  blocks[index] = block;
  return block;
}

/** The classes of code points 0 to 255, for a caller's fast path. */
export const LATIN_CLASSES: Uint8Array = fillBlock(0);
