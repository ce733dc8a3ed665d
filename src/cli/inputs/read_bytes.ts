import { readFile } from 'node:fs/promises';
import { throwIfAborted } from '../../base/errors.js';
import { stdinFile } from '../../files/folder/data_files.js';
import { fileError } from '../../host/file_error.js';

/** The bytes of a file, or of stdin for `-`. Throws `not-found`, `storage` and `aborted`. */
export async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  if (path === '-') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stdinFile().read(signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(path, { signal });
  } catch (error) {
    throwIfAborted(signal, `reading ${path}`);
    throw fileError(error, path, 'read');
  }
}
