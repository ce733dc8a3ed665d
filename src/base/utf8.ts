/** Whether a byte of UTF-8 is inside a character, and not its first. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
