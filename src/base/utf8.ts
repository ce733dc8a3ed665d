/** Whether a byte of UTF-8 continues a character, and does not begin one. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
