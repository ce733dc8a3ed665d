import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { orNotWritable, writeFile } from '../../files/folder/write_file.js';
import { writeWhole } from './whole.js';

/** All of a file: a text, bytes, or bytes that are made while they are written. */
export type FileContent = string | Uint8Array | (() => AsyncIterable<Uint8Array>);

/**
 * Writes a file that appears only once it is complete; `mode` says who may read and write it. Throws what
 * `checkNewFile`, `writeWhole` and making the content throw.
 */
export async function writeNewFile(
  path: string,
  content: FileContent,
  force: boolean | undefined,
  mode?: number,
): Promise<void> {
  await checkNewFile(path, force);
  await writeWhole(path, (unfinished) => writeFile(unfinished, piecesOf(content), path, mode));
}

async function* piecesOf(content: FileContent): AsyncGenerator<Uint8Array> {
  if (typeof content === 'function') yield* content();
  else yield typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** JSON as the text of a file, for people to read too. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

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
