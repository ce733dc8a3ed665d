import { open } from 'node:fs/promises';
import { Gpt2Error } from '../errors.js';

/**
 * Writes a file that is not there yet, down to the disk. `name` is what a message calls its place. Throws `not-found`
 * where it cannot be written, and what `chunks` throws.
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
  } finally {
    await file.close();
  }
}

/** Does what the file system may refuse; throws `not-found` then. */
export async function orNotWritable<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Gpt2Error('not-found', `${name} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
