/** The classes of characters in the split pattern: \p{L}, \p{N}, White_Space, and all others. */
export const OTHER = 0;
export const LETTER = 1;
export const NUMBER = 2;
export const WHITE_SPACE = 3;

/**
 * Classes in pages of 256 code points, each filled when one of its characters is first met: texts use few
 * pages.
 */
const pages: (Uint8Array | undefined)[] = new Array(0x1100);

export function classOf(codePoint: number): number {
  const page = pages[codePoint >>> 8] ?? fillPage(codePoint >>> 8);
  return page[codePoint & 0xff]!;
}

function fillPage(index: number): Uint8Array {
  const page = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    const character = String.fromCodePoint(index * 256 + i);
    // The pattern means the Unicode property; JavaScript's \s also has U+FEFF and lacks U+0085.
    if (/\p{L}/u.test(character)) page[i] = LETTER;
    else if (/\p{N}/u.test(character)) page[i] = NUMBER;
    else if (/\p{White_Space}/u.test(character)) page[i] = WHITE_SPACE;
  }
  pages[index] = page;
  return page;
}

/** The classes of code points 0 to 255, for a caller's fast path. */
export const LATIN_CLASSES: Uint8Array = fillPage(0);
