import { INDEX_FILE, SINGLE_FILE } from '../../files/file_names.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';

/** "GGUF" as a little-endian number, which begins every file. */
export const MAGIC = 0x46554747;
export const MAGIC_BYTES = 4;

/**
 * The GGUF file of a source that has no safetensors weights, `undefined` if it has none. A file that is alone may
 * have any name: its first bytes tell.
 *
 * Throws `invalid-option` for several, which are different models or one in different precisions, and `unsupported`
 * for the parts of a split file.
 */
export async function findGguf(
  source: ModelSource,
  files: readonly SourceFile[],
  signal?: AbortSignal,
): Promise<SourceFile | undefined> {
  if (files.some(({ path }) => path === SINGLE_FILE || path === INDEX_FILE)) return undefined;
  const found = files.filter(({ path }) => /\.gguf$/i.test(path));
  const names = found.map(({ path }) => path);
  if (names.length > 1) {
    const { severalModels } = await import('./other_model.js');
    throw severalModels(source.name, names);
  }
  if (found.length === 1) return found[0];
  const [only, ...others] = files;
  if (only === undefined || others.length > 0 || only.byteLength < MAGIC_BYTES) return undefined;
  return isGguf(await readExactly(source, only.path, 0, MAGIC_BYTES, signal)) ? only : undefined;
}

/** Whether a file that begins with these bytes is GGUF. */
export function isGguf(bytes: Uint8Array): boolean {
  return (
    bytes.length >= MAGIC_BYTES && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MAGIC
  );
}
