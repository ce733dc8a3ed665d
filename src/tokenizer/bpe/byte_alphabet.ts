/**
 * GPT-2 writes the bytes of a token as printable characters: the printable characters of Latin-1 stand for
 * their own code, and the other 68 bytes, in order, for U+0100 and up (so a space is U+0120, "Ġ").
 */
const FIRST_SHIFTED = 0x100;

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

/** The character of each byte. */
export const BYTE_SYMBOLS: string[] = [];

/** By code unit: the byte that it stands for; -1 if it stands for none. */
const BYTE_OF_UNIT = new Int16Array(FIRST_SHIFTED + 68).fill(-1);
for (let byte = 0, shifted = FIRST_SHIFTED; byte < 256; byte++) {
  const unit = isPrintable(byte) ? byte : shifted++;
  BYTE_OF_UNIT[unit] = byte;
  BYTE_SYMBOLS[byte] = String.fromCharCode(unit);
}

/**
 * Writes the bytes that the characters units[start, end) stand for to `target` from `at` on. Returns the
 * position after them, or -1 if one of the characters stands for no byte.
 */
export function writeSymbolBytes(
  units: Uint16Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  let to = at;
  for (let i = start; i < end; i++) {
    const unit = units[i]!;
    const byte = unit < BYTE_OF_UNIT.length ? BYTE_OF_UNIT[unit]! : -1;
    if (byte < 0) return -1;
    target[to++] = byte;
  }
  return to;
}

/** The characters that stand for bytes. */
export function symbolsOf(bytes: Uint8Array): string {
  let symbols = '';
  for (const byte of bytes) symbols += BYTE_SYMBOLS[byte];
  return symbols;
}
