/** "GGUF" as a little-endian number, which begins every file. */
export const MAGIC = 0x46554747;

/** Whether a file that begins with these bytes is GGUF. */
export function isGguf(bytes: Uint8Array): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MAGIC;
}
