import { rename, rm, stat } from 'node:fs/promises';
import { Gpt2Error } from '../../base/errors.js';
import { removeLeftovers, unfinishedName } from '../../files/folder/leftovers.js';
import { orNotWritable, writeFile } from '../../files/folder/write_file.js';

/**
 * Writes a file beside its place and moves it there once it is whole, so that no other file is lost and nothing half
 * written stays behind. An existing one is replaced only with `force`. Throws `invalid-option` where there is one,
 * `not-found` where nothing can be written, and what `bytes` throws.
 */
export async function writeNewFile(
  path: string,
  bytes: () => AsyncIterable<Uint8Array>,
  force: boolean,
): Promise<void> {
  await checkPlace(path, force);
  await removeLeftovers(path);
  const unfinished = unfinishedName(path);
  try {
    await writeFile(unfinished, bytes(), path);
    await orNotWritable(path, () => rename(unfinished, path));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
}

/** Refuses a path that is taken. */
export async function checkPlace(path: string, force: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new Gpt2Error('invalid-option', `${path} is a folder; give the path of a file`);
  if (found !== undefined && !force) {
    throw new Gpt2Error('invalid-option', `${path} is there already; --force replaces it`);
  }
}
