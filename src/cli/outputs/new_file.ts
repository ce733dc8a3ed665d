import { access, constants, lstat, realpath, stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { unfinishedName } from '../../files/folder/leftovers.js';
import { orNotWritable, writeFile } from '../../files/folder/write_file.js';
import { writeWhole } from './whole.js';

/** All of a file: a text, bytes, or bytes that are made while they are written. */
export type FileContent = string | Uint8Array | (() => AsyncIterable<Uint8Array>);

/**
 * Writes a file that appears only once it is complete; `mode` says who may read and write it, by default those who may
 * for the file that it replaces. A link stays, and leads to the new file. Throws what `checkNewFile`, `writeWhole` and
 * making the content throw.
 */
export async function writeNewFile(
  path: string,
  content: FileContent,
  force: boolean | undefined,
  mode?: number,
): Promise<void> {
  const place = await checkNewFile(path, force);
  const modeOf = mode ?? place.mode;
  await writeWhole(place.path, (unfinished) => writeFile(unfinished, piecesOf(content), path, modeOf));
}

async function* piecesOf(content: FileContent): AsyncGenerator<Uint8Array> {
  if (typeof content === 'function') yield* content();
  else yield typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** The part of a mode that says who may read, write and run a file. */
const PERMISSIONS = 0o777;

/** JSON as the text of a file, for people to read too. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The place of a new file. */
interface Place {
  /** If the given path is a link, the path of the file that it names. */
  readonly path: string;
  /** The permissions of the file that it replaces, if there is one. */
  readonly mode?: number;
}

/**
 * Throws `invalid-option` if a file may not be written at a path: it is empty, a folder, a device, a pipe, a link to
 * nothing, or exists and `force` is not set. `force` is `undefined` if the command cannot overwrite; `overwrite` names
 * the option that allows it. Throws `not-found` or `storage` if its folder is absent or cannot be written: long work must not end with
 * this. Gives the place of the file.
 */
export async function checkNewFile(
  path: string,
  force: boolean | undefined,
  overwrite = '--force',
): Promise<Place> {
  if (path === '') throw new Gpt2Error('invalid-option', 'the path of the new file is empty; give one');
  const found = await stat(path).catch(() => undefined);
  const isNamedFolder = path.endsWith('/') || path.endsWith(sep);
  if (found?.isDirectory() || isNamedFolder) {
    throw new Gpt2Error('invalid-option', `${path} is a folder; give the path of a file`);
  }
  // Renaming the new file to the path would delete them.
  if (found !== undefined && !found.isFile()) {
    throw new Gpt2Error(
      'invalid-option',
      `${path} is no file, but a pipe or a device; give the path of a file`,
    );
  }
  if (found === undefined && (await lstat(path).catch(() => undefined))?.isSymbolicLink()) {
    throw new Gpt2Error(
      'invalid-option',
      `${path} is a link to nothing; give another path, or remove the link`,
    );
  }
  if (found !== undefined && !force) {
    const advice = force === undefined ? 'give another path' : `${overwrite} overwrites it`;
    throw new Gpt2Error('invalid-option', `${path} exists already; ${advice}`);
  }
  const place = await orNotWritable(path, async () =>
    found === undefined ? { path } : { path: await realpath(path), mode: found.mode & PERMISSIONS },
  );
  await orNotWritable(path, async () => {
    // The slash makes it fail for a file.
    await access(`${dirname(place.path)}/`, constants.W_OK);
    await lstat(unfinishedName(place.path)).catch((error) => {
      if (error.code === 'ENAMETOOLONG') throw error;
    });
  });
  return place;
}
