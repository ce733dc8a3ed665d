// Only in the build for runtimes with Node's modules.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { checkArray } from '../../base/check_lists.js';
import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { fileError } from '../../host/file_error.js';
import { type DataFile, dataFormat } from '../data_file.js';

/** Names of data in a folder; a file that is named itself is read whatever its name. */
const DATA_NAME = /\.(?:txt|text|md|markdown|jsonl|ndjson)(?:\.gz)?$/i;
const ENDINGS = '.txt, .text, .md, .markdown, .jsonl or .ndjson, with or without .gz';
const CHUNK_BYTES = 2 ** 18;

/** How paths become data files. */
export interface DataFilesOptions {
  /**
   * Called with the path of each file in a folder that is not read, because its name does not end as data do.
   */
  readonly onSkip?: (path: string) => void;
}

/**
 * The data files at paths, for `readDocuments`: files, and in folders and the folders below them all files
 * whose names end with .txt, .text, .md, .markdown, .jsonl or .ndjson, in the order of their names. Names
 * that end with .gz are decompressed while they are read. Runtimes without files throw `invalid-option`.
 * Throws `not-found` for a path without a file and for a folder without data.
 */
export async function dataFiles(
  paths: readonly string[],
  options: DataFilesOptions = {},
): Promise<DataFile[]> {
  checkOptionNames('dataFiles', options, ['onSkip']);
  const { onSkip } = options;
  checkArray('paths', paths, 'a list of paths of files and folders', (path) => typeof path === 'string');
  const files: DataFile[] = [];
  for (const path of paths) {
    const found = await statOf(path);
    if (!found.isDirectory()) files.push(dataFile(path, found.size));
    else for (const file of await folderFiles(path, onSkip)) files.push(file);
  }
  return files;
}

async function folderFiles(folder: string, onSkip?: (path: string) => void): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const entry of (await namesBelow(folder)).sort()) {
    const path = join(folder, entry);
    if (!DATA_NAME.test(entry)) {
      if (await isFile(path)) onSkip?.(path);
      continue;
    }
    const found = await statOf(path);
    if (found.isFile()) files.push(dataFile(path, found.size));
  }
  if (files.length > 0) return files;
  throw new Gpt2Error('not-found', `${folder} has no data files, whose names end with ${ENDINGS}`);
}

/** Text on stdin, whose length is not known. */
export function stdinFile(): DataFile {
  return {
    name: 'stdin',
    format: 'text',
    byteLength: 0,
    async *read(signal) {
      const { stdin } = process;
      const stop = () => stdin.destroy();
      signal?.addEventListener('abort', stop);
      try {
        for await (const chunk of stdin) yield chunk as Uint8Array;
      } catch (error) {
        throwIfAborted(signal, 'reading stdin');
        throw explain(error, 'stdin');
      } finally {
        signal?.removeEventListener('abort', stop);
      }
      throwIfAborted(signal, 'reading stdin');
    },
  };
}

function dataFile(path: string, byteLength: number): DataFile {
  return {
    name: path,
    format: dataFormat(path),
    byteLength,
    read: (signal, onRead) => readChunks(path, signal, onRead),
  };
}

async function* readChunks(
  path: string,
  signal: AbortSignal | undefined,
  onRead: ((position: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const stored = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const isPacked = /\.gz$/i.test(path);
  // An error of either stream ends the loop below, which reports it.
  const bytes = isPacked ? pipeline(stored, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : stored;
  try {
    for await (const chunk of bytes) {
      throwIfAborted(signal, `reading ${path}`);
      onRead?.(stored.bytesRead);
      yield chunk as Uint8Array;
    }
  } catch (error) {
    throw explain(error, path);
  } finally {
    stored.destroy();
  }
}

async function namesBelow(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (error) {
    throw fileError(error, folder, 'read');
  }
}

/** False for a link to nowhere. */
async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw explain(error, path);
  }
}

function explain(error: unknown, path: string): Gpt2Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    // Node replaces the bytes of names that are not UTF-8.
    const advice = path.includes('\ufffd') ? ', whose name may not be UTF-8; rename it' : '';
    return new Gpt2Error('not-found', `there is no file or folder ${path || '""'}${advice}`, {
      cause: error,
    });
  }
  if (code?.startsWith('Z_')) {
    return new Gpt2Error('invalid-file', `${path} cannot be decompressed: ${message}`, { cause: error });
  }
  return fileError(error, path, 'read');
}
