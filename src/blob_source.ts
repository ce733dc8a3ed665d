import { Gpt2Error, throwIfAborted } from './errors.js';
import type { ModelSource } from './weights/source.js';

/** The bytes of one file, in memory or on disk. */
export type FileBytes = Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;

/**
 * The files of a model as a page or a bundle has them: those of a dropped or chosen folder (a FileList or an array),
 * a record from path to bytes, or a .gguf file alone.
 */
export type ModelFiles = FileBytes | ArrayLike<File> | Readonly<Record<string, FileBytes>>;

function isBytes(value: unknown): value is FileBytes {
  return value instanceof Blob || value instanceof ArrayBuffer || value instanceof Uint8Array;
}

/** A file as it is read. */
export type FileContent = Blob | Uint8Array<ArrayBuffer>;

/** The files of `ModelFiles` by path, `undefined` for anything else. Nothing is copied. */
export function filesByPath(files: unknown): Map<string, FileContent> | undefined {
  if (isBytes(files)) {
    const name = files instanceof File ? files.name : 'model.gguf';
    return new Map([[name, content(files)]]);
  }
  if (typeof files !== 'object' || files === null) return undefined;
  const list = isList(files) ? Array.from(files) : undefined;
  if (list) {
    if (!list.every((file) => file instanceof File)) return undefined;
    // A chosen folder's own name begins each path; what was dropped file by file has a name alone.
    const paths = list.map(
      ({ webkitRelativePath, name }) => webkitRelativePath?.replace(/^[^/]*\//, '') || name,
    );
    return new Map(list.map((file, i) => [paths[i]!, file]));
  }
  const entries = Object.entries(files);
  if (entries.length === 0 || !entries.every(([, bytes]) => isBytes(bytes))) return undefined;
  return new Map(entries.map(([path, bytes]) => [path, content(bytes)]));
}

/** Reads files that are at hand. */
export function blobSource(files: ReadonlyMap<string, FileContent>): ModelSource {
  const name = files.size === 1 ? [...files.keys()][0]! : `the ${files.size} given files`;
  return {
    name,
    async list(signal) {
      throwIfAborted(signal, `listing ${name}`);
      return [...files].map(([path, file]) => ({
        path,
        byteLength: file instanceof Blob ? file.size : file.length,
      }));
    },
    async read(path, start, end) {
      const file = files.get(path);
      if (file === undefined) throw new Gpt2Error('not-found', `there is no file ${path} among ${name}`);
      if (file instanceof Uint8Array) return file.subarray(start, end);
      try {
        return new Uint8Array(await file.slice(start, end).arrayBuffer());
      } catch (error) {
        throw blobError(error, path);
      }
    },
  };
}

/** The error for a file that was chosen and can no longer be read: it is gone, or was changed or locked meanwhile. */
export function blobError(error: unknown, name: string): Gpt2Error {
  const { name: kind, message } = error as Error;
  return new Gpt2Error(
    kind === 'NotFoundError' ? 'not-found' : 'storage',
    `${name} cannot be read: ${message}; choose the file again`,
    { cause: error },
  );
}

function content(bytes: FileBytes): FileContent {
  if (!(bytes instanceof ArrayBuffer)) return bytes;
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new Gpt2Error('invalid-option', 'the bytes of a file were moved to a worker before', { cause });
  }
}

function isList(files: object): files is ArrayLike<File> {
  return Array.isArray(files) || (typeof FileList !== 'undefined' && files instanceof FileList);
}
