import { readFile } from 'node:fs/promises';
import { fileError, isAbsent } from '../../host/file_error.js';

/** The bytes of a file; undefined if there is none. Throws `storage`. */
export async function bytesAt(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw fileError(error, path, 'read');
  }
}
