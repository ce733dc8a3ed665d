// Only in the build for runtimes with Node's modules.
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { isUrl } from '../../base/realms.js';
import { fileError, isAbsent } from '../../host/file_error.js';
import { BUNDLED } from '../../host/package_files.js';
import type { ModelSource, SourceFile } from '../source.js';
import type { OpenOptions } from '../source_options.js';
import { isWhole, type WantedFiles } from '../wanted_files.js';
import { embeddedCaptioner, embeddedModel } from './embedded_models.js';
import { isUnfinished } from './leftovers.js';
import { checkReplaced } from './replacement.js';

/** How deep a folder is listed. */
export interface FolderLevels {
  /** Levels of folders below it: 1 by default. */
  readonly levels?: number | undefined;
}

/**
 * A model folder on disk, given by its path or `file:` URL: the files in it and in the folders directly
 * below, or more levels. For the path of a file, the source has that file alone. Throws `not-found` if there is no such
 * folder or file, and `invalid-option` for anything that is no local path.
 */
export async function folderSource(
  path: string | URL,
  { wanted, levels = 1 }: Partial<Pick<OpenOptions, 'wanted'>> & FolderLevels = {},
): Promise<ModelSource> {
  const root = toPath(path);
  const found = await statOrNothing(root);
  if (found === undefined) {
    if ([embeddedModel.href, embeddedCaptioner.href].includes(String(path))) {
      throw new Gpt2Error('not-found', `the embedded model is not there: ${root}; ${BUNDLED}`);
    }
    throw await nothingAt(root, wanted);
  }
  if (!found.isDirectory()) return fileSource(resolve(root), found.size, wanted);
  return {
    name: root,
    list: (signal) => listFolder(root, levels, signal),
    read: (file, start, end, signal, into) => readRange(join(root, file), start, end, signal, into),
  };
}

async function nothingAt(root: string, wanted: WantedFiles | undefined): Promise<Gpt2Error> {
  const isFile = wanted === undefined || isWhole(root, wanted);
  const right = isFile
    ? ''
    : `; ${await (await wanted.search()).right()}, or an id of the hub such as owner/name`;
  return new Gpt2Error('not-found', `there is no folder ${isFile ? 'or file ' : ''}${root}${right}`);
}

/** Whether there is a file or a folder at a path. */
export async function isThere(path: string): Promise<boolean> {
  return (await statOrNothing(path)) !== undefined;
}

/** A source of one file, and of those others in its folder that belong to the same model. */
async function fileSource(
  path: string,
  byteLength: number,
  wanted: WantedFiles | undefined,
): Promise<ModelSource> {
  const folder = dirname(path);
  const files: SourceFile[] = [{ path: basename(path), byteLength }];
  const beside = wanted && (await (await wanted.search()).beside(basename(path)));
  for (const other of beside ?? []) {
    const found = await statOrNothing(join(folder, other));
    if (found?.isFile()) files.push({ path: other, byteLength: found.size });
  }
  const name = wanted !== undefined && isWhole(path, wanted) ? folder : path;
  return {
    name,
    async list(signal) {
      throwIfAborted(signal, `listing ${name}`);
      return files;
    },
    read: (file, start, end, signal, into) => readRange(join(folder, file), start, end, signal, into),
  };
}

function toPath(path: string | URL): string {
  const isAddress = isUrl(path) || (typeof path === 'string' && /^[a-z][a-z\d+.-]+:\/\//i.test(path));
  if (!isAddress && typeof path === 'string' && path !== '' && !path.includes('\0')) return path;
  try {
    return fileURLToPath(String(path));
  } catch (cause) {
    throw new Gpt2Error(
      'invalid-option',
      `${JSON.stringify(String(path))} is no folder on this machine; give its path or a file: URL`,
      { cause },
    );
  }
}

async function listFolder(
  root: string,
  levels: number,
  signal: AbortSignal | undefined,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const names = (await readdir(join(root, folder))).sort();
    await checkReplaced(join(root, folder), names);
    for (const name of names) {
      if (isUnfinished(name)) continue;
      throwIfAborted(signal, `listing ${root}`);
      const path = folder === '' ? name : `${folder}/${name}`;
      // Links are followed, since the hub's cache is a folder of symbolic links; a broken one is ignored.
      const found = await statOrNothing(join(root, path));
      if (found?.isFile()) files.push({ path, byteLength: found.size });
      else if (found?.isDirectory() && depth < levels) await visit(path, depth + 1);
    }
  };
  try {
    await visit('', 0);
  } catch (error) {
    throw fileError(error, root, 'read');
  }
  return files;
}

/**
 * Bytes `start` to `end` of a file, written to `into` if it is given; fewer if the file is shorter. Each read
 * opens the file and closes it, so that a source need not be closed.
 */
export async function readRange(
  path: string,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
  into: Uint8Array<ArrayBuffer> | undefined,
): Promise<Uint8Array> {
  const bytes = into?.subarray(0, end - start) ?? new Uint8Array(end - start);
  let filled = 0;
  try {
    const handle = await open(path);
    try {
      while (filled < bytes.length) {
        throwIfAborted(signal, `reading ${path}`);
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, path, 'read');
  }
  return bytes.subarray(0, filled);
}

async function statOrNothing(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw fileError(error, path, 'read');
  }
}
