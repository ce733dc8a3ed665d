import { rename, rm } from 'node:fs/promises';
import { removeLeftovers, unfinishedName } from '../../files/folder/leftovers.js';
import { orNotWritable } from '../../files/folder/write_file.js';

/**
 * Lets a file or folder appear only once it is complete: `write` gets a path beside the final one, which is
 * then renamed. Removes what `write` wrote if it throws, and what earlier processes left unfinished. Throws
 * `not-found` or `storage` if the path cannot be written, and what `write` throws.
 */
export async function writeWhole(path: string, write: (unfinished: string) => Promise<void>): Promise<void> {
  await removeLeftovers(path);
  const unfinished = unfinishedName(path);
  try {
    await write(unfinished);
    await orNotWritable(path, () => rename(unfinished, path));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}
