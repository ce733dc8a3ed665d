/** Bytes as pairs of hexadecimal digits, with `between` between two of them. */
export function hexBytes(bytes: Uint8Array, between = ''): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(between);
}
