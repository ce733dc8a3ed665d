import { open } from 'node:fs/promises';
import { fileError } from '../../host/file_error.js';

/**
 * Writes a file that is not there yet, down to the disk. `name` is what a message calls its place. Throws `storage`,
 * or `not-found` without its folder, if it cannot be written, and what `chunks` throws.
 */
export async function writeFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  name: string,
): Promise<void> {
  const file = await orNotWritable(name, () => open(path, 'wx'));
  try {
    for await (const chunk of chunks) await orNotWritable(name, () => file.writeFile(chunk));
    await orNotWritable(name, () => file.sync());
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  // A disk may say only now that it took not all.
  await orNotWritable(name, () => file.close());
}

/** Does what the file system may refuse; throws `storage` or `not-found` then. */
export async function orNotWritable<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, name, 'written');
  }
}
