import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { orNotWritable, writeFile } from '../../files/folder/write_file.js';
import { writeWhole } from './whole.js';

/**
 * Writes a file that appears only once it is complete; `mode` says who may read and write it. Throws what
 * `checkNewFile`, `writeWhole` and `bytes` throw.
 */
export async function writeNewFile(
  path: string,
  bytes: () => AsyncIterable<Uint8Array>,
  force: boolean | undefined,
  mode?: number,
): Promise<void> {
  await checkNewFile(path, force);
  await writeWhole(path, (unfinished) => writeFile(unfinished, bytes(), path, mode));
}

/**
 * Throws `invalid-option` if a file may not be written at a path: it is a folder, or exists and `force` is
 * not set; `undefined` if the command cannot overwrite, and `overwrite` what would do it. Throws `not-found` or `storage` if its folder is absent or
 * cannot be written: long work must not end with this.
 */
export async function checkNewFile(
  path: string,
  force: boolean | undefined,
  overwrite = '--force',
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new Gpt2Error('invalid-option', `${path} is a folder; give the path of a file`);
  }
  if (found !== undefined && !force) {
    const advice = force === undefined ? 'give another path' : `${overwrite} overwrites it`;
    throw new Gpt2Error('invalid-option', `${path} exists already; ${advice}`);
  }
  // The slash makes it fail for a file.
  await orNotWritable(path, () => access(`${dirname(path)}/`, constants.W_OK));
}
