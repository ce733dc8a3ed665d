// Only in the build for runtimes with Node's modules.
import { open } from 'node:fs/promises';
import { fileError } from '../../host/file_error.js';

/**
 * Writes a new file and flushes it to the disk. `name` is what messages call its place, and `mode` says who may
 * read and write it. Throws `storage`, or
 * `not-found` if its folder is absent, and what `chunks` throws.
 */
export async function writeFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  name: string,
  mode?: number,
): Promise<void> {
  const file = await orNotWritable(name, () => open(path, 'wx', mode));
  try {
    for await (const chunk of chunks) await orNotWritable(name, () => file.writeFile(chunk));
    await orNotWritable(name, () => file.sync());
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  // A disk may report only now that it did not store all bytes.
  await orNotWritable(name, () => file.close());
}

/** Runs `work`; turns errors of the file system into `storage` or `not-found`. */
export async function orNotWritable<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, name, 'written');
  }
}
